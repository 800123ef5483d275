import { decodeMulaw, encodeMulaw } from '../codec/g711.ts';
import { RateConverter } from '../dsp/rate-converter.ts';

/** How sound goes over a stream's WebSocket. `l16`: signed 16 bit, little-endian. */
export interface StreamFormat {
  codec: 'mulaw' | 'l16';
  sampleRateHz: 8000 | 16000 | 24000;
}

/** The longest frame: 20 ms of 24 kHz in 16 bits; more is made when more comes. */
let scratch = Buffer.alloc(960);

/** Turns frames of the engine's rates into payloads of a stream. One instance serves one track. */
export class StreamEncoder {
  readonly #format: StreamFormat;
  #converter: RateConverter | null = null;
  #converterRateHz = 0;
  #converted = new Int16Array(0);

  constructor(format: StreamFormat) {
    this.#format = format;
  }

  /**
   * The payload of `n` samples, in base64: that is how protocols write it, and of all ways to another thread a text costs
   * least (an array is memory of its own each time, and its collection is dearer than all the rest).
   */
  encode(samples: Int16Array, n: number, sampleRateHz: number): string {
    const { codec, sampleRateHz: targetHz } = this.#format;
    let source = samples;
    let length = n;
    if (sampleRateHz !== targetHz) {
      if (this.#converter === null || this.#converterRateHz !== sampleRateHz) {
        this.#converter = new RateConverter(sampleRateHz, targetHz);
        this.#converterRateHz = sampleRateHz;
      }
      const room = this.#converter.outputLength(n);
      if (this.#converted.length < room) this.#converted = new Int16Array(room);
      length = this.#converter.process(samples, 0, n, this.#converted, 0);
      source = this.#converted;
    }
    if (scratch.length < length * 2) scratch = Buffer.alloc(length * 2);
    if (codec === 'mulaw') {
      encodeMulaw(source, 0, scratch, 0, length);
      return scratch.toString('base64', 0, length);
    }
    for (let i = 0; i < length; i++) scratch.writeInt16LE(source[i] as number, i * 2);
    return scratch.toString('base64', 0, length * 2);
  }
}

/** The samples of a payload, in base64, that came over a stream; half a sample at its end is dropped. */
export function decodeStreamPayload(base64: string, codec: StreamFormat['codec']): Int16Array {
  const payload = Buffer.from(base64, 'base64');
  if (codec === 'mulaw') {
    const samples = new Int16Array(payload.length);
    decodeMulaw(payload, 0, samples, 0, payload.length);
    return samples;
  }
  const samples = new Int16Array(payload.length >> 1);
  for (let i = 0; i < samples.length; i++) samples[i] = payload.readInt16LE(i * 2);
  return samples;
}
