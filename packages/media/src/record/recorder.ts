import { SpeechDetector } from '../detect/speech-detector.ts';
import { DigitPresence } from './digit-presence.ts';
import type { PauseFilling, RecordingEndReason, RecordingSettings } from './recording.ts';
import { Track } from './track.ts';

/** Length of the pieces handed to the writer: what is lost when the machine dies is little more than this. */
const BLOCK_MS = 500;
/**
 * Sound stays this long within reach: a digit can still be hidden when it is noticed, and what a worker that stood still
 * makes up for still finds its place.
 */
const LAG_MS = 300;
/** The far side's frames come when the worker's clock gets to them, ours with the time that their timestamps say. */
const FAR_TREMBLE_MS = 60;
const NEAR_TREMBLE_MS = 10;
/** What a worker that stood still makes up for, and a little more. */
const STALL_MS = 240;
/** Before a digit is noticed some of it was heard. */
const DIGIT_LOOK_BACK_MS = 60;
/** After a window that sounded like a key the tone may go on for a part of the next; events come 20 to 50 ms apart. */
const DIGIT_HOLD_MS = 60;
/** Left of the silence behind the last word. */
const TRIM_KEEPS_MS = 300;

/** Where a recorder's sound goes: to the writer's thread. */
export interface RecorderOutput {
  /** An empty block (silence) of `length` samples, to be filled and given back by {@link RecorderOutput.write}. */
  block(length: number): Int16Array<ArrayBuffer>;
  write(block: Int16Array<ArrayBuffer>): void;
  /** No more comes. `keepFrames`: what lies behind so many samples per channel is to be cut off; null: nothing. */
  end(reason: RecordingEndReason, keepFrames: number | null): void;
}

/**
 * Records one session within its worker: both sides' frames come in with their times on the worker's clock and go out as
 * half-second blocks of one time line, mixed or interleaved. Whoever owns it calls {@link tick} regularly, also when
 * neither side makes a sound. After the end, its own or one from outside, it takes nothing any more.
 */
export class Recorder {
  readonly #settings: RecordingSettings;
  readonly #output: RecorderOutput;
  readonly #far: Track;
  readonly #near: Track;
  readonly #farSpeech: SpeechDetector | null;
  readonly #nearSpeech: SpeechDetector | null;
  readonly #farDigits = new DigitPresence();
  readonly #nearDigits = new DigitPresence();
  readonly #perMs: number;
  readonly #blockFrames: number;
  readonly #maxFrames: number;
  #originMs: number;
  #flushed = 0;
  #lastFarVoice = 0;
  #lastVoice = 0;
  #suppressDigits: boolean;
  #hideFrom = 0;
  #hideUntil = 0;
  #paused: { filling: PauseFilling; sinceMs: number } | null = null;
  #ended = false;

  /** Begins at `nowMs` of the worker's clock. */
  constructor(settings: RecordingSettings, output: RecorderOutput, nowMs: number) {
    this.#settings = settings;
    this.#output = output;
    this.#originMs = nowMs;
    this.#perMs = settings.sampleRateHz / 1000;
    this.#blockFrames = BLOCK_MS * this.#perMs;
    this.#maxFrames = Math.round(settings.maxDurationMs * this.#perMs);
    this.#far = new Track(settings.sampleRateHz, FAR_TREMBLE_MS, STALL_MS, BLOCK_MS + LAG_MS);
    this.#near = new Track(settings.sampleRateHz, NEAR_TREMBLE_MS, 0, BLOCK_MS + LAG_MS);
    const listens = settings.silenceTimeoutMs !== null || settings.trimSilence;
    this.#farSpeech = listens ? new SpeechDetector() : null;
    this.#nearSpeech = settings.trimSilence && !settings.farOnly ? new SpeechDetector() : null;
    this.#suppressDigits = settings.suppressDigits;
  }

  /** Takes what is heard of the far side from `nowMs` on. */
  far(samples: Int16Array, at: number, n: number, sampleRateHz: number, nowMs: number): void {
    const position = this.#begin(nowMs);
    if (position < 0) return;
    if (this.#suppressDigits && this.#farDigits.process(samples, at, n, sampleRateHz)) {
      this.#hide(position, (n * 1000) / sampleRateHz);
    }
    if (this.#farSpeech?.process(samples, at, n, sampleRateHz) === true) {
      this.#lastFarVoice = position;
      this.#lastVoice = position;
    }
    this.#far.put(samples, at, n, sampleRateHz, position);
    this.#hideDigits();
  }

  /** Takes what we send from `nowMs` on. */
  near(samples: Int16Array, at: number, n: number, sampleRateHz: number, nowMs: number): void {
    if (this.#settings.farOnly) return;
    const position = this.#begin(nowMs);
    if (position < 0) return;
    if (this.#suppressDigits && this.#nearDigits.process(samples, at, n, sampleRateHz)) {
      this.#hide(position, (n * 1000) / sampleRateHz);
    }
    if (this.#nearSpeech?.process(samples, at, n, sampleRateHz) === true) this.#lastVoice = position;
    this.#near.put(samples, at, n, sampleRateHz, position);
    this.#hideDigits();
  }

  /** A digit is being sent or received as an event: to be called with each of its packets. */
  digit(nowMs: number): void {
    const position = this.#begin(nowMs);
    if (position < 0 || !this.#suppressDigits) return;
    this.#hide(position, 0);
    this.#hideDigits();
  }

  set suppressDigits(on: boolean) {
    this.#suppressDigits = on;
  }

  /** Lets time pass: hands on what is complete, looks at the limits. */
  tick(nowMs: number): void {
    const position = this.#begin(nowMs);
    if (position < 0) return;
    const { silenceTimeoutMs } = this.#settings;
    if (silenceTimeoutMs !== null && position - this.#lastFarVoice >= silenceTimeoutMs * this.#perMs) {
      this.end('silence', nowMs);
    }
  }

  /** Leaves out what comes, until {@link resume}. */
  pause(filling: PauseFilling, nowMs: number): void {
    if (this.#ended || this.#paused !== null) return;
    this.#begin(nowMs);
    this.#paused = { filling, sinceMs: nowMs };
  }

  resume(nowMs: number): void {
    const paused = this.#paused;
    if (paused === null) return;
    this.#paused = null;
    const before = this.#position(paused.sinceMs);
    if (paused.filling === 'nothing') this.#originMs += nowMs - paused.sinceMs;
    // Nobody was listened to meanwhile, so the silence begins anew.
    const skipped = this.#position(nowMs) - before;
    this.#lastFarVoice += skipped;
  }

  /** Hands on what is left and ends. */
  end(reason: RecordingEndReason, nowMs: number): void {
    if (this.#ended) return;
    const paused = this.#paused;
    const until = this.#position(paused?.filling === 'nothing' ? paused.sinceMs : nowMs);
    this.#flush(Math.min(until, this.#maxFrames), 0);
    if (!this.#ended) this.#finish(reason);
  }

  /** The writer ended it (an error, the size): nothing is to be written any more. */
  drop(): void {
    this.#ended = true;
  }

  /** The time line's position of this moment, after all that is due was handed on; -1 while nothing is recorded. */
  #begin(nowMs: number): number {
    if (this.#ended) return -1;
    const paused = this.#paused;
    if (paused?.filling === 'nothing') return -1;
    const position = this.#position(nowMs);
    this.#flush(Math.min(position - LAG_MS * this.#perMs, this.#maxFrames), this.#blockFrames);
    if (position - LAG_MS * this.#perMs >= this.#maxFrames && !this.#ended) {
      this.#flush(this.#maxFrames, 0);
      this.#finish('max_duration');
    }
    return this.#ended || paused !== null ? -1 : position;
  }

  #position(nowMs: number): number {
    return Math.max(0, Math.round((nowMs - this.#originMs) * this.#perMs));
  }

  /** Hands on whole blocks up to a position; with `least` 0 the rest too. */
  #flush(until: number, least: number): void {
    while (!this.#ended && until - this.#flushed >= this.#blockFrames) this.#hand(this.#blockFrames);
    if (least === 0 && !this.#ended && until > this.#flushed) this.#hand(until - this.#flushed);
  }

  #hand(frames: number): void {
    const { channels } = this.#settings;
    const block = this.#output.block(frames * channels);
    this.#far.take(frames, block, 0, channels);
    this.#near.take(frames, block, channels - 1, channels);
    this.#flushed += frames;
    this.#output.write(block);
  }

  #finish(reason: RecordingEndReason): void {
    this.#ended = true;
    const { trimSilence } = this.#settings;
    const heardUntil = this.#lastVoice === 0 ? 0 : this.#lastVoice + TRIM_KEEPS_MS * this.#perMs;
    this.#output.end(reason, trimSilence && heardUntil < this.#flushed ? heardUntil : null);
  }

  #hide(position: number, lengthMs: number): void {
    const from = position - DIGIT_LOOK_BACK_MS * this.#perMs;
    if (from > this.#hideUntil) this.#hideFrom = from;
    this.#hideUntil = position + (lengthMs + DIGIT_HOLD_MS) * this.#perMs;
  }

  #hideDigits(): void {
    if (this.#hideUntil === 0) return;
    this.#far.silence(this.#hideFrom, this.#hideUntil);
    this.#near.silence(this.#hideFrom, this.#hideUntil);
  }
}
