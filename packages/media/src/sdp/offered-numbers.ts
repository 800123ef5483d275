import type { CodecName } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import { audioFormat, eventFormat, isFormatOf, type LocalFormat } from './format-names.ts';
import type { RemoteFormat } from './remote-description.ts';

/** Static ones where the codec has one (RFC 3551 table 4). */
const USUAL_NUMBERS: Readonly<Record<CodecName, number>> = { PCMU: 0, PCMA: 8, G722: 9, opus: 111 };
const USUAL_EVENT_NUMBERS: Readonly<Record<number, number>> = { 8000: 101, 48000: 110 };
const [FIRST_DYNAMIC, LAST_DYNAMIC] = [96, 127];

/**
 * The payload types of one session's offers. What a dynamic number meant once it means to the end, whichever side said so
 * (RFC 3264 §8.3.2), and no number of the far side is used for anything else.
 */
export class OfferedNumbers {
  readonly #codecs = new Map<CodecName, number>();
  /** By clock rate. */
  readonly #events = new Map<number, number>();
  readonly #taken = new Set<number>();

  /** The far side offered these formats, and was answered. */
  adopt(formats: readonly RemoteFormat[], codecs: readonly CodecName[]): void {
    for (const format of formats) {
      const { payloadType, name, clockRateHz } = format;
      this.#taken.add(payloadType);
      const codec = codecs.find((one) => isFormatOf(format, one));
      if (codec !== undefined) this.#codecs.set(codec, payloadType);
      else if (name === 'TELEPHONE-EVENT') this.#events.set(clockRateHz, payloadType);
    }
  }

  /** Every codec with its number, and digits at the clock of each. */
  formats(codecs: readonly CodecName[]): LocalFormat[] {
    return [
      ...codecs.map((codec) => audioFormat(codec, this.ofCodec(codec))),
      ...clocksOf(codecs).map((clockRateHz) => eventFormat(this.ofEvents(clockRateHz), clockRateHz)),
    ];
  }

  ofCodec(codec: CodecName): number {
    return numberOf(this.#codecs, codec, USUAL_NUMBERS[codec], this.#taken);
  }

  ofEvents(clockRateHz: number): number {
    return numberOf(this.#events, clockRateHz, USUAL_EVENT_NUMBERS[clockRateHz] ?? FIRST_DYNAMIC, this.#taken);
  }
}

/** The clock rates of these codecs, each once. */
function clocksOf(codecs: readonly CodecName[]): number[] {
  return [...new Set(codecs.map((codec) => AUDIO_CODECS[codec].clockRateHz))];
}

function numberOf<Key>(numbers: Map<Key, number>, key: Key, usual: number, taken: Set<number>): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  let number = usual;
  for (let next = FIRST_DYNAMIC; taken.has(number) && next <= LAST_DYNAMIC; next++) number = next;
  numbers.set(key, number);
  taken.add(number);
  return number;
}
