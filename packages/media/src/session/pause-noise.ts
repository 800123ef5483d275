import { ComfortNoise } from '../dsp/comfort-noise.ts';
import type { RtpPacket } from '../rtp/packet.ts';

/** The noise of a pause ends when nothing at all came for this long: the far side is gone rather than silent. */
const NOISE_MS = 15_000;

// One at a time uses it: a worker makes one frame after the other.
const noiseFrame = new Int16Array(960);

/** What the far side's pauses sound like, where it says so (RFC 3389). */
export class PauseNoise {
  #noise: ComfortNoise | null = null;
  #heardMs = 0;

  /** Any packet of the far side came. */
  heard(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  describe(packet: RtpPacket, sampleRateHz: number): void {
    this.#noise ??= new ComfortNoise(sampleRateHz);
    this.#noise.describe(packet.bytes, packet.payloadOffset, packet.payloadLength);
  }

  end(): void {
    this.#noise = null;
  }

  /**
   * Adds the noise to a frame (60 ms at most) without sound; what was cut off may still be fading out in it.
   *
   * @returns false when there is none.
   */
  addTo(samples: Int16Array, n: number, nowMs: number): boolean {
    if (nowMs - this.#heardMs >= NOISE_MS) this.#noise = null;
    if (this.#noise === null) return false;
    this.#noise.generate(noiseFrame, 0, n);
    for (let i = 0; i < n; i++) {
      const sum = (samples[i] as number) + (noiseFrame[i] as number);
      samples[i] = sum > 32_767 ? 32_767 : sum < -32_768 ? -32_768 : sum;
    }
    return true;
  }
}
