import type { AudioCodec, CodecName } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import { ComfortNoise } from '../dsp/comfort-noise.ts';
import { AudioReader } from '../rtp/audio-reader.ts';
import type { RtpPacket } from '../rtp/packet.ts';

/** Length of the frames that everything inside the engine works with. */
export const FRAME_MS = 20;
/** Samples of a frame at 8 and at 16 kHz. */
export const NARROW_FRAME = 160;
export const WIDE_FRAME = 320;

// One at a time uses them: a worker makes one frame after the other. Memory of its own for every session would be too much
// for the processor's caches.
const frameSamples = new Int16Array(WIDE_FRAME);
const noiseFrame = new Int16Array(WIDE_FRAME);

/** The noise of a pause ends when nothing at all came for this long: the far side is gone rather than silent. */
const NOISE_MS = 15_000;

/** Takes the far side's sound, evenly: recorders, detectors, streams. */
export interface FrameSink {
  /**
   * One frame of {@link FRAME_MS}; `samples` is reused afterwards. `sounds`: it holds sound of the far side, or the noise
   * that it describes its pauses by; else zeros, because nothing comes.
   */
  frame(samples: Int16Array, n: number, sampleRateHz: 8000 | 16000, sounds: boolean, nowMs: number): void;
}

/** Has a frame pulled from it every {@link FRAME_MS}. */
export interface FrameClock {
  start(stage: FrameStage): void;
  stop(stage: FrameStage): void;
}

/**
 * The far side's sound as frames, decoded once for everybody who wants it and only while somebody does: the mix, which
 * pulls the frames at its own pace, and sinks, for which otherwise the worker's clock pulls.
 */
export class FrameStage {
  /** The last frame: `n` samples, until the next stage makes one. */
  readonly samples = frameSamples;
  n = NARROW_FRAME;
  sampleRateHz: 8000 | 16000 = 8000;
  /** Whether the last frame holds sound of the far side. */
  sounds = false;
  readonly #clock: FrameClock;
  readonly #fail: (error: unknown) => void;
  readonly #sinks: FrameSink[] = [];
  #mixed = false;
  #codec: CodecName | null = null;
  #reader: AudioReader | null = null;
  /** What the far side's pauses sound like, where it says so. */
  #noise: ComfortNoise | null = null;
  #heardMs = 0;

  /** `fail`: an error of ours in this sound or in who takes it, which must end the session and nothing else. */
  constructor(clock: FrameClock, fail: (error: unknown) => void) {
    this.#clock = clock;
    this.#fail = fail;
  }

  /** Whether anybody wants the sound. */
  get active(): boolean {
    return this.#mixed || this.#sinks.length > 0;
  }

  addSink(sink: FrameSink): void {
    if (this.#sinks.push(sink) === 1 && !this.#mixed) this.#clock.start(this);
  }

  removeSink(sink: FrameSink): void {
    const at = this.#sinks.indexOf(sink);
    if (at < 0) return;
    this.#sinks.splice(at, 1);
    if (this.#sinks.length === 0 && !this.#mixed) this.#stop();
  }

  /** A mix pulls the frames from now on, or does no more. */
  setMixed(mixed: boolean): void {
    if (mixed === this.#mixed) return;
    this.#mixed = mixed;
    if (this.#sinks.length === 0) {
      if (!mixed) this.#stop();
    } else if (mixed) this.#clock.stop(this);
    else this.#clock.start(this);
  }

  /** An audio packet of the far side, in any order. */
  insert(packet: RtpPacket, codec: CodecName, nowMs: number): void {
    if (this.#reader === null || this.#codec !== codec) this.#listen(AUDIO_CODECS[codec]);
    this.#heardMs = nowMs;
    this.#reader?.insert(packet, nowMs);
  }

  /** A description of the noise in the far side's pauses (RFC 3389). */
  insertNoise(packet: RtpPacket, nowMs: number): void {
    this.insertPause(packet, nowMs);
    this.#noise ??= new ComfortNoise(this.sampleRateHz);
    this.#noise.describe(packet.bytes, packet.payloadOffset, packet.payloadLength);
  }

  /** A packet without sound: a digit. */
  insertPause(packet: RtpPacket, nowMs: number): void {
    this.#heardMs = nowMs;
    this.#reader?.insertPause(packet, nowMs);
  }

  /** The far side sends nothing for a while: on hold nobody hears its room. */
  endNoise(): void {
    this.#noise = null;
  }

  /** The schedule's tick: reads the next frame. */
  tick(_tick: number, nowMs: number): void {
    try {
      this.pull(nowMs);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Reads the next frame; the mix does, which looks after errors itself. */
  pull(nowMs: number): void {
    const { samples, n } = this;
    this.sounds = this.#reader?.read(samples, n, nowMs) ?? false;
    if (this.#reader === null) samples.fill(0);
    if (nowMs - this.#heardMs >= NOISE_MS) this.#noise = null;
    if (!this.sounds && this.#noise !== null) this.#addNoise(this.#noise);
    for (const sink of this.#sinks) sink.frame(samples, n, this.sampleRateHz, this.sounds, nowMs);
  }

  /** What was cut off may still be fading out. */
  #addNoise(noise: ComfortNoise): void {
    const { samples, n } = this;
    noise.generate(noiseFrame, 0, n);
    for (let i = 0; i < n; i++) {
      const sum = (samples[i] as number) + (noiseFrame[i] as number);
      samples[i] = sum > 32_767 ? 32_767 : sum < -32_768 ? -32_768 : sum;
    }
    this.sounds = true;
  }

  #listen(codec: AudioCodec): void {
    this.#codec = codec.name;
    this.#reader = new AudioReader(codec);
    this.sampleRateHz = codec.sampleRateHz;
    this.n = (FRAME_MS * codec.sampleRateHz) / 1000;
  }

  #stop(): void {
    if (!this.#mixed) this.#clock.stop(this);
    this.#reader = null;
    this.#noise = null;
    this.#codec = null;
    this.sounds = false;
  }
}
