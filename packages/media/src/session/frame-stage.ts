import type { AudioCodec, CodecName } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import { AudioReader } from '../rtp/audio-reader.ts';
import type { RtpPacket } from '../rtp/packet.ts';
import { PauseNoise } from './pause-noise.ts';

/** Length of the frames that everything inside the engine works with. */
export const FRAME_MS = 20;
/** Samples of a frame at 8 and at 16 kHz. */
export const NARROW_FRAME = 160;
export const WIDE_FRAME = 320;

// One at a time uses them: a worker makes one frame after the other. Memory of its own for every session would be too much
// for the processor's caches.
const frameSamples = new Int16Array(WIDE_FRAME);

/** Takes the far side's sound, evenly: recorders, detectors, streams. */
export interface FrameSink {
  /**
   * One frame of {@link FRAME_MS}; `samples` is reused afterwards. `sounds`: it holds sound of the far side, or the noise
   * that it describes its pauses by; else zeros, because nothing comes.
   */
  frame(samples: Int16Array, n: number, sampleRateHz: 8000 | 16000, sounds: boolean, nowMs: number): void;
}

/** Takes the far side's packets, to make frames of them. */
export interface FarSound {
  /** An audio packet of the far side, in any order. */
  insert(packet: RtpPacket, codec: CodecName, nowMs: number): void;
  /** A description of the noise in the far side's pauses (RFC 3389). */
  insertNoise(packet: RtpPacket, nowMs: number): void;
  /** A packet without sound: a digit. */
  insertPause(packet: RtpPacket, nowMs: number): void;
  /** The far side sends nothing for a while: on hold nobody hears its room. */
  endNoise(): void;
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
export class FrameStage implements FarSound {
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
  /** Of all codecs heard so far: a far side may change between them with every packet. */
  readonly #readers = new Map<CodecName, AudioReader>();
  readonly #noise = new PauseNoise();

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

  insert(packet: RtpPacket, codec: CodecName, nowMs: number): void {
    if (this.#reader === null || this.#codec !== codec) this.#listen(AUDIO_CODECS[codec]);
    this.#noise.heard(nowMs);
    this.#reader?.insert(packet, nowMs);
  }

  insertNoise(packet: RtpPacket, nowMs: number): void {
    this.insertPause(packet, nowMs);
    this.#noise.describe(packet, this.sampleRateHz);
  }

  insertPause(packet: RtpPacket, nowMs: number): void {
    this.#noise.heard(nowMs);
    this.#reader?.insertPause(packet, nowMs);
  }

  endNoise(): void {
    this.#noise.end();
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
    if (!this.sounds) this.sounds = this.#noise.addTo(samples, n, nowMs);
    for (const sink of this.#sinks) sink.frame(samples, n, this.sampleRateHz, this.sounds, nowMs);
  }

  #listen(codec: AudioCodec): void {
    this.#codec = codec.name;
    this.#reader = this.#readers.get(codec.name) ?? new AudioReader(codec);
    this.#readers.set(codec.name, this.#reader);
    this.sampleRateHz = codec.sampleRateHz;
    this.n = (FRAME_MS * codec.sampleRateHz) / 1000;
  }

  #stop(): void {
    if (!this.#mixed) this.#clock.stop(this);
    this.#reader = null;
    this.#readers.clear();
    this.#noise.end();
    this.#codec = null;
    this.sounds = false;
  }
}
