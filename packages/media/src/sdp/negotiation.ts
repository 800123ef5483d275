import type { CodecName } from '../codec/audio-codec.ts';
import { AUDIO_CODECS, codecUnavailability } from '../codec/codecs.ts';
import { choosePacketMs, type MediaAgreement, type PayloadRole } from './agreement.ts';
import { answerDirection, type Direction, mayReceive, maySend } from './direction.ts';
import { SdpError } from './error.ts';
import {
  audioFormat,
  encoderParameters,
  eventFormat,
  OFFERED_PAYLOAD_TYPES,
  offeredEventPayloadType,
  offeredFormats,
} from './format-names.ts';
import { LocalDescription, refuseMedia, writeAudio } from './local-description.ts';
import {
  type FormatMatch,
  isHeldByAddress,
  isUsableAudio,
  matchFormats,
  reachableAddress,
  reachableRtcpAddress,
} from './match.ts';
import { type RemoteMedia, readRemoteDescription } from './remote-description.ts';

export interface NegotiationOptions {
  /** Decimal number for the o= line. */
  sessionId: string;
  /** The IP address the far side shall send to. */
  address: string;
  port: number;
  /** IP version of our socket. */
  family: 4 | 6;
  /** Codecs we take and offer, preferred first; those that this machine cannot do are left out. */
  codecs: readonly CodecName[];
  /** Answer with the first of our order instead of the offerer's. */
  preferOwnOrder?: boolean;
}

/** Offer and answer (RFC 3264) of one session with one audio stream. A failed step leaves everything as it was. */
export class Negotiation {
  readonly #options: NegotiationOptions;
  readonly #local: LocalDescription;
  readonly #codecs: readonly CodecName[];

  constructor(options: NegotiationOptions) {
    this.#options = options;
    this.#codecs = options.codecs.filter((name) => codecUnavailability(name) === null);
    this.#local = new LocalDescription(options.sessionId, options.address);
  }

  /**
   * Answers an offer: the first audio line with a codec of ours is taken with the offer's payload types, all others are
   * refused.
   *
   * @throws SdpError
   */
  answer(offer: string): { sdp: string; agreement: MediaAgreement } {
    const media = readRemoteDescription(offer);
    let chosen: { index: number; match: FormatMatch; line: RemoteMedia } | null = null;
    for (const [index, line] of media.entries()) {
      const match = isUsableAudio(line) ? matchFormats(line, this.#codecs, this.#options.preferOwnOrder) : null;
      if (match !== null) {
        chosen = { index, match, line };
        break;
      }
    }
    if (chosen === null) throw new SdpError(488, this.#nothingInCommon(media));
    const { index, match, line } = chosen;
    const direction = answerDirection(offeredDirection(line));
    const agreement = this.#agree(line, match, direction);
    const formats = [audioFormat(match.codec, match.audio.payloadType)];
    if (match.event !== null) formats.push(eventFormat(match.event.payloadType, match.event.clockRateHz));
    const audio = writeAudio({
      port: this.#options.port,
      protocol: line.protocol,
      formats,
      ptimeMs: agreement.packetMs,
      direction,
      rtcpMux: line.rtcpMux,
      mid: line.mid,
      transport: [],
    });
    const lines = media.flatMap((other, at) => (at === index ? audio : [refuseMedia(other.line)]));
    return { sdp: this.#local.write(lines), agreement };
  }

  /** Offers every codec of ours and digits, to send and receive. */
  offer(): string {
    const { port } = this.#options;
    const audio = { port, protocol: 'RTP/AVP', ptimeMs: 20, rtcpMux: true, mid: null, transport: [] } as const;
    return this.#local.write(writeAudio({ ...audio, formats: offeredFormats(this.#codecs), direction: 'sendrecv' }));
  }

  /**
   * Takes the answer to {@link offer}.
   *
   * @throws SdpError 488 when it refuses our audio or names no codec of ours.
   */
  accept(answer: string): MediaAgreement {
    const media = readRemoteDescription(answer);
    const line = media[0];
    const match = line !== undefined && isUsableAudio(line) ? matchFormats(line, this.#codecs) : null;
    if (line === undefined || match === null) throw new SdpError(488, this.#nothingInCommon(media));
    const agreement = this.#agree(line, match, answerDirection(offeredDirection(line)));
    return { ...agreement, receive: this.#receivable(agreement.receive) };
  }

  #agree(line: RemoteMedia, match: FormatMatch, direction: Direction): MediaAgreement {
    const remote = reachableAddress(line, this.#options.family);
    return {
      remote,
      codec: match.codec,
      payloadType: match.audio.payloadType,
      encoder: encoderParameters(match.codec, match.audio.fmtp),
      eventPayloadType: match.event?.payloadType ?? null,
      eventClockRateHz: match.event?.clockRateHz ?? AUDIO_CODECS[match.codec].clockRateHz,
      receive: match.receive,
      packetMs: choosePacketMs(match.codec, line.ptimeMs, line.maxptimeMs),
      maySend: maySend(direction),
      mayReceive: mayReceive(direction),
      rtcp: { mux: line.rtcpMux, remote: line.rtcpMux ? remote : reachableRtcpAddress(line, this.#options.family) },
    };
  }

  #nothingInCommon(media: readonly RemoteMedia[]): string {
    const seen = media.map(({ type, port, protocol, formats }) => {
      const names = formats.map(({ name, clockRateHz }) => `${name}/${clockRateHz}`).join(', ');
      return `${type} port ${port} ${protocol} (${names || 'no known formats'})`;
    });
    return `No audio in common: we speak ${this.#codecs.join(', ')} over RTP/AVP, the SDP has ${seen.join('; ')}`;
  }

  /** The far side sends with the numbers of our offer; where it answered with others, it may mean those. */
  #receivable(answered: MediaAgreement['receive']): MediaAgreement['receive'] {
    const receive: MediaAgreement['receive'] = [];
    const add = (payloadType: number, role: PayloadRole) => {
      if (!receive.some((known) => known.payloadType === payloadType)) receive.push({ payloadType, role });
    };
    for (const name of this.#codecs) {
      add(OFFERED_PAYLOAD_TYPES[name], name);
      add(offeredEventPayloadType(AUDIO_CODECS[name].clockRateHz), 'telephone-event');
    }
    for (const { payloadType, role } of answered) add(payloadType, role);
    return receive;
  }
}

function offeredDirection(line: RemoteMedia): Direction {
  if (!isHeldByAddress(line)) return line.direction;
  return mayReceive(line.direction) ? (maySend(line.direction) ? 'sendonly' : 'inactive') : line.direction;
}
