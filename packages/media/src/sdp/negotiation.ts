import type { CodecName } from '../codec/audio-codec.ts';
import { AUDIO_CODECS, codecUnavailability } from '../codec/codecs.ts';
import type { AgreedSecurity } from './agreed-security.ts';
import { choosePacketMs, type MediaAgreement, type PayloadRole } from './agreement.ts';
import { answerDirection, type Direction, mayReceive, maySend } from './direction.ts';
import { SdpError } from './error.ts';
import { audioFormat, encoderParameters, eventFormat } from './format-names.ts';
import { LocalDescription, refuseMedia, writeAudio } from './local-description.ts';
import {
  type FormatMatch,
  isHeldByAddress,
  isUsableAudio,
  matchFormats,
  reachableAddress,
  reachableRtcpAddress,
} from './match.ts';
import { OfferedNumbers } from './offered-numbers.ts';
import { type RemoteMedia, readRemoteDescription } from './remote-description.ts';
import { type SecurityLines, TransportSecurity, type TransportSecurityOptions } from './transport-security.ts';

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
  security: Pick<TransportSecurityOptions, 'suites' | 'offers' | 'fingerprint'>;
}

interface ChosenLine {
  index: number;
  match: FormatMatch;
  line: RemoteMedia;
  agreed: AgreedSecurity;
  lines: SecurityLines;
}

/** Offer and answer (RFC 3264) of one session with one audio stream. A failed step leaves everything as it was. */
export class Negotiation {
  readonly #options: NegotiationOptions;
  readonly #local: LocalDescription;
  readonly #codecs: readonly CodecName[];
  readonly #transport: TransportSecurity;
  readonly #numbers = new OfferedNumbers();
  #security: AgreedSecurity = { kind: 'none' };
  #agreement: MediaAgreement | null = null;
  /** The far side's lines, all but ours refused: they keep their places in whatever is offered later (RFC 3264 §8). */
  #refused: string[] = [''];
  /** Our place among them. */
  #index = 0;

  constructor(options: NegotiationOptions) {
    this.#options = options;
    this.#codecs = options.codecs.filter((name) => codecUnavailability(name) === null);
    this.#local = new LocalDescription(options.sessionId, options.address);
    const { address, port } = options;
    this.#transport = new TransportSecurity({ ...options.security, address, port });
  }

  /** How media is protected since the last offer and answer. */
  get security(): AgreedSecurity {
    return this.#security;
  }

  /**
   * Answers an offer: the first audio line with a codec of ours is taken with the offer's payload types, all others are
   * refused. In a call that is up, an offer that only gives up our line (port 0) holds the call.
   *
   * @throws SdpError
   */
  answer(offer: string): { sdp: string; agreement: MediaAgreement } {
    const media = readRemoteDescription(offer);
    const chosen = this.#choose(media);
    if (chosen === null) {
      const held = this.#giveUpLine(media);
      if (held !== null) return held;
      throw new SdpError(488, this.#nothingInCommon(media));
    }
    const { index, match, line, agreed, lines } = chosen;
    const direction = answerDirection(offeredDirection(line, agreed));
    const agreement = this.#agree(line, match, direction, agreed);
    this.#security = agreed;
    this.#agreement = agreement;
    this.#numbers.adopt(line.formats, this.#codecs);
    this.#refused = media.map((one) => refuseMedia(one.line));
    this.#index = index;
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
      transport: lines.transport,
    });
    return { sdp: this.#write(audio, lines.session), agreement };
  }

  /**
   * Offers every codec of ours and digits, to send and receive. In a call that is up, the codec in force comes first, and
   * numbers, lines and protection are those of the call.
   */
  offer(): string {
    const { port } = this.#options;
    const { protocol, mid, lines } = this.#transport.offer();
    const { transport, session } = lines;
    const formats = this.#numbers.formats(this.#codecs.toSorted((a, b) => this.#rank(a) - this.#rank(b)));
    const audio = {
      port,
      protocol,
      formats,
      ptimeMs: 20,
      direction: 'sendrecv',
      rtcpMux: true,
      mid,
      transport,
    } as const;
    return this.#write(writeAudio(audio), session);
  }

  /**
   * Takes the answer to {@link offer}.
   *
   * @throws SdpError 488 when it refuses our audio or names no codec of ours.
   */
  accept(answer: string): MediaAgreement {
    const media = readRemoteDescription(answer);
    const line = media[this.#index];
    const match = line !== undefined && isUsableAudio(line) ? matchFormats(line, this.#codecs) : null;
    const agreed = line === undefined || match === null ? null : this.#transport.accept(line);
    if (line === undefined || match === null || agreed === null) throw new SdpError(488, this.#nothingInCommon(media));
    const agreement = this.#agree(line, match, answerDirection(offeredDirection(line, agreed)), agreed);
    this.#security = agreed;
    this.#agreement = { ...agreement, receive: this.#receivable(agreement.receive) };
    return this.#agreement;
  }

  /** The answer to an offer whose line of our sound has port 0 (RFC 3264 §8.2): it is kept, and silent until it comes again. */
  #giveUpLine(media: readonly RemoteMedia[]): { sdp: string; agreement: MediaAgreement } | null {
    const line = media[this.#index];
    if (this.#agreement === null || line?.type !== 'audio' || line.port !== 0) return null;
    this.#refused = media.map((one) => refuseMedia(one.line));
    const { mux } = this.#agreement.rtcp;
    const silent = { remote: null, maySend: false, mayReceive: false, rtcp: { mux, remote: null } };
    this.#agreement = { ...this.#agreement, ...silent };
    return { sdp: this.#local.write(this.#refused), agreement: this.#agreement };
  }

  #write(audio: string[], session: readonly string[]): string {
    const mediaLines = this.#refused.flatMap((refused, at) => (at === this.#index ? audio : [refused]));
    return this.#local.write(mediaLines, session);
  }

  /** What is spoken already comes first, all else in our order. */
  #rank(codec: CodecName): number {
    return codec === this.#agreement?.codec ? -1 : this.#codecs.indexOf(codec);
  }

  /** The first audio line whose codec and protection we have. */
  #choose(media: readonly RemoteMedia[]): ChosenLine | null {
    for (const [index, line] of media.entries()) {
      const match = isUsableAudio(line) ? matchFormats(line, this.#codecs, this.#options.preferOwnOrder) : null;
      const secured = match === null ? null : this.#transport.answer(line);
      if (match !== null && secured !== null) return { index, match, line, ...secured };
    }
    return null;
  }

  #agree(line: RemoteMedia, match: FormatMatch, direction: Direction, security: AgreedSecurity): MediaAgreement {
    // Under ICE the address of the SDP is a default that may be nobody's.
    const remote = hasIce(security) ? null : reachableAddress(line, this.#options.family);
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
      rtcp: {
        mux: line.rtcpMux,
        remote: line.rtcpMux || hasIce(security) ? remote : reachableRtcpAddress(line, this.#options.family),
      },
    };
  }

  #nothingInCommon(media: readonly RemoteMedia[]): string {
    const seen = media.map(({ type, port, protocol, formats }) => {
      const names = formats.map(({ name, clockRateHz }) => `${name}/${clockRateHz}`).join(', ');
      return `${type} port ${port} ${protocol} (${names || 'no known formats'})`;
    });
    return `No audio in common: we speak ${this.#codecs.join(', ')} over RTP, plain or protected by SDES or DTLS; the SDP has ${seen.join('; ')}`;
  }

  /** The far side sends with the numbers of our offer; where it answered with others, it may mean those. */
  #receivable(answered: MediaAgreement['receive']): MediaAgreement['receive'] {
    const receive: MediaAgreement['receive'] = [];
    const add = (payloadType: number, role: PayloadRole) => {
      if (!receive.some((known) => known.payloadType === payloadType)) receive.push({ payloadType, role });
    };
    for (const name of this.#codecs) {
      add(this.#numbers.ofCodec(name), name);
      add(this.#numbers.ofEvents(AUDIO_CODECS[name].clockRateHz), 'telephone-event');
    }
    for (const { payloadType, role } of answered) add(payloadType, role);
    return receive;
  }
}

function hasIce(security: AgreedSecurity): boolean {
  return security.kind === 'dtls' && security.ice !== null;
}

function offeredDirection(line: RemoteMedia, security: AgreedSecurity): Direction {
  if (!isHeldByAddress(line) || hasIce(security)) return line.direction;
  return mayReceive(line.direction) ? (maySend(line.direction) ? 'sendonly' : 'inactive') : line.direction;
}
