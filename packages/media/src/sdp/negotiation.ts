import type { CodecName } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import { choosePacketMs, EVENT_CLOCK_RATE_HZ, type MediaAgreement } from './agreement.ts';
import { answerDirection, type Direction, mayReceive, maySend } from './direction.ts';
import { SdpError } from './error.ts';
import { type LocalAudio, LocalDescription, refuseMedia, writeAudio } from './local-description.ts';
import { type FormatMatch, isHeldByAddress, isUsableAudio, matchFormats, reachableAddress } from './match.ts';
import { type RemoteMedia, readRemoteDescription } from './remote-description.ts';

/** Static numbers where the codec has one (RFC 3551 table 4). */
const OFFERED_PAYLOAD_TYPES: Readonly<Record<CodecName, number>> = { PCMU: 0, PCMA: 8, G722: 9, opus: 111 };
const OFFERED_EVENT_PAYLOAD_TYPE = 101;
const EVENT_RTPMAP = `telephone-event/${EVENT_CLOCK_RATE_HZ}`;
/** All sixteen DTMF digits (RFC 4733 §2.4.1). */
const EVENT_FMTP = '0-15';

export interface NegotiationOptions {
  /** Decimal number for the o= line. */
  sessionId: string;
  /** The IP address the far side shall send to. */
  address: string;
  port: number;
  /** IP version of our socket. */
  family: 4 | 6;
  /** Codecs we take and offer, preferred first. */
  codecs: readonly CodecName[];
}

/** Offer and answer (RFC 3264) of one session with one audio stream. A failed step leaves everything as it was. */
export class Negotiation {
  readonly #options: NegotiationOptions;
  readonly #local: LocalDescription;

  constructor(options: NegotiationOptions) {
    this.#options = options;
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
      const match = isUsableAudio(line) ? matchFormats(line, this.#options.codecs) : null;
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
    if (match.event !== null) formats.push(eventFormat(match.event.payloadType));
    const audio = writeAudio({
      port: this.#options.port,
      protocol: line.protocol,
      formats,
      ptimeMs: agreement.packetMs,
      direction,
      rtcpMux: line.rtcpMux,
      mid: line.mid,
    });
    const lines = media.flatMap((other, at) => (at === index ? audio : [refuseMedia(other.line)]));
    return { sdp: this.#local.write(lines), agreement };
  }

  /** Offers every codec of ours and digits, to send and receive. */
  offer(): string {
    const formats = this.#options.codecs.map((name) => audioFormat(name, OFFERED_PAYLOAD_TYPES[name]));
    formats.push(eventFormat(OFFERED_EVENT_PAYLOAD_TYPE));
    const { port } = this.#options;
    const audio = { port, protocol: 'RTP/AVP', formats, ptimeMs: 20, rtcpMux: false, mid: null } as const;
    return this.#local.write(writeAudio({ ...audio, direction: 'sendrecv' }));
  }

  /**
   * Takes the answer to {@link offer}.
   *
   * @throws SdpError 488 when it refuses our audio or names no codec of ours.
   */
  accept(answer: string): MediaAgreement {
    const media = readRemoteDescription(answer);
    const line = media[0];
    const match = line !== undefined && isUsableAudio(line) ? matchFormats(line, this.#options.codecs) : null;
    if (line === undefined || match === null) throw new SdpError(488, this.#nothingInCommon(media));
    const agreement = this.#agree(line, match, answerDirection(offeredDirection(line)));
    // The far side sends with the numbers of our offer, even where it answered with others.
    for (const name of this.#options.codecs) addReceived(agreement, OFFERED_PAYLOAD_TYPES[name], name);
    if (match.event !== null) addReceived(agreement, OFFERED_EVENT_PAYLOAD_TYPE, 'telephone-event');
    return agreement;
  }

  #agree(line: RemoteMedia, match: FormatMatch, direction: Direction): MediaAgreement {
    const remote = reachableAddress(line, this.#options.family);
    return {
      remote,
      codec: match.codec,
      payloadType: match.audio.payloadType,
      encoder: null,
      eventPayloadType: match.event?.payloadType ?? null,
      eventClockRateHz: EVENT_CLOCK_RATE_HZ,
      receive: match.receive,
      packetMs: choosePacketMs(line.ptimeMs, line.maxptimeMs),
      maySend: maySend(direction),
      mayReceive: mayReceive(direction),
      rtcp: { mux: line.rtcpMux, remote: remote === null ? null : { ...remote, port: remote.port + 1 } },
    };
  }

  #nothingInCommon(media: readonly RemoteMedia[]): string {
    const seen = media.map(({ type, port, protocol, formats }) => {
      const names = formats.map(({ name, clockRateHz }) => `${name}/${clockRateHz}`).join(', ');
      return `${type} port ${port} ${protocol} (${names || 'no known formats'})`;
    });
    return `No audio in common: we speak ${this.#options.codecs.join(', ')} over RTP/AVP, the SDP has ${seen.join('; ')}`;
  }
}

function offeredDirection(line: RemoteMedia): Direction {
  if (!isHeldByAddress(line)) return line.direction;
  return mayReceive(line.direction) ? (maySend(line.direction) ? 'sendonly' : 'inactive') : line.direction;
}

function audioFormat(name: CodecName, payloadType: number): LocalAudio['formats'][number] {
  return { payloadType, rtpmap: `${name}/${AUDIO_CODECS[name].clockRateHz}`, fmtp: null };
}

function eventFormat(payloadType: number): LocalAudio['formats'][number] {
  return { payloadType, rtpmap: EVENT_RTPMAP, fmtp: EVENT_FMTP };
}

function addReceived(agreement: MediaAgreement, payloadType: number, role: CodecName | 'telephone-event'): void {
  if (!agreement.receive.some((known) => known.payloadType === payloadType)) {
    agreement.receive.push({ payloadType, role });
  }
}
