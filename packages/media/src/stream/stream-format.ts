import { decodeMulaw, encodeMulaw } from '../codec/g711.ts';
import { RateConverter } from '../dsp/rate-converter.ts';

/** How sound goes over a stream's WebSocket. `l16`: signed 16 bit, little-endian. */
export interface StreamFormat {
  codec: 'mulaw' | 'l16';
  sampleRateHz: 8000 | 16000 | 24000;
}

/** Turns frames of the engine's rates into payloads of a stream. One instance serves one track. */
export class StreamEncoder {
  readonly #format: StreamFormat;
  #converter: RateConverter | null = null;
  #converterRateHz = 0;
  #converted = new Int16Array(0);

  constructor(format: StreamFormat) {
    this.#format = format;
  }

  /** The payload of `n` samples; a new array, which may be handed to another thread. */
  encode(samples: Int16Array, n: number, sampleRateHz: number): Uint8Array<ArrayBuffer> {
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
    if (codec === 'mulaw') {
      const payload = new Uint8Array(length);
      encodeMulaw(source, 0, payload, 0, length);
      return payload;
    }
    const payload = new Uint8Array(length * 2);
    const view = new DataView(payload.buffer);
    for (let i = 0; i < length; i++) view.setInt16(i * 2, source[i] as number, true);
    return payload;
  }
}

/** The samples of a payload that came over a stream; half a sample at its end is dropped. */
export function decodeStreamPayload(payload: Uint8Array, codec: StreamFormat['codec']): Int16Array {
  if (codec === 'mulaw') {
    const samples = new Int16Array(payload.length);
    decodeMulaw(payload, 0, samples, 0, payload.length);
    return samples;
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const samples = new Int16Array(payload.length >> 1);
  for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(i * 2, true);
  return samples;
}
