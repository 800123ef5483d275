import { isIPv6 } from 'node:net';
import type { Direction } from './direction.ts';
import type { LocalFormat } from './format-names.ts';

/** The audio line we write. */
export interface LocalAudio {
  port: number;
  protocol: string;
  /** In order. */
  formats: readonly LocalFormat[];
  ptimeMs: number;
  direction: Direction;
  rtcpMux: boolean;
  mid: string | null;
  /** Lines about keys and connectivity, without `a=`. */
  transport: readonly string[];
}

/** Writes the lines of our audio. */
export function writeAudio(audio: LocalAudio): string[] {
  const lines = [
    `m=audio ${audio.port} ${audio.protocol} ${audio.formats.map(({ payloadType }) => payloadType).join(' ')}`,
  ];
  for (const { payloadType, rtpmap, fmtp } of audio.formats) {
    lines.push(`a=rtpmap:${payloadType} ${rtpmap}`);
    if (fmtp !== null) lines.push(`a=fmtp:${payloadType} ${fmtp}`);
  }
  lines.push(`a=ptime:${audio.ptimeMs}`);
  if (audio.mid !== null) lines.push(`a=mid:${audio.mid}`);
  if (audio.rtcpMux) lines.push('a=rtcp-mux');
  for (const attribute of audio.transport) lines.push(`a=${attribute}`);
  lines.push(`a=${audio.direction}`);
  return lines;
}

/** The m-line that refuses an offered one (RFC 3264 §6): the same type, protocol and formats with port 0. */
export function refuseMedia(offeredLine: string): string {
  return `m=${offeredLine.trimEnd().replace(/^(\S+) \S+/, '$1 0')}`;
}

/** Our session descriptions: one session id, and a version that grows by one whenever the text changes (RFC 3264 §8). */
export class LocalDescription {
  readonly #sessionId: string;
  readonly #address: string;
  #version = 0;
  #body = '';

  /** `sessionId` is a decimal number below 2^63. */
  constructor(sessionId: string, address: string) {
    this.#sessionId = sessionId;
    this.#address = address;
  }

  /** The whole text around these media lines; `attributes` are those of the whole session, without `a=`. */
  write(mediaLines: readonly string[], attributes: readonly string[] = []): string {
    const network = `IN ${isIPv6(this.#address) ? 'IP6' : 'IP4'} ${this.#address}`;
    const session = attributes.map((attribute) => `a=${attribute}`);
    const body = ['s=-', `c=${network}`, 't=0 0', ...session, ...mediaLines, ''].join('\r\n');
    if (body !== this.#body) {
      this.#body = body;
      this.#version++;
    }
    return `v=0\r\no=- ${this.#sessionId} ${this.#version} ${network}\r\n${body}`;
  }
}
