import { AnsweringDetector, type AnsweringOptions } from './answering.ts';
import { BeepDetector } from './beep.ts';
import { FaxDetector } from './fax.ts';
import type { Finding } from './finding.ts';
import { FRAME_MS, FRAME_SAMPLES, FrameReader } from './frame-reader.ts';
import { History } from './history.ts';
import { NetworkToneDetector } from './network-tones.ts';
import { Spectrum } from './spectrum.ts';
import { SteadyTone } from './steady-tone.ts';
import { VoiceActivity } from './voice-activity.ts';

export interface AnalysisOptions {
  /** Tell person from machine: for a call that we made, from its answer on. Null, the default: do not. */
  answering?: Partial<AnsweringOptions> | null;
  /** Pauses up to this do not end speech. Default 500. */
  speechHangoverMs?: number;
  onFinding: (finding: Finding) => void;
}

/** Nothing came for so long: the far side sends no silence, and the time goes on without it. */
const MISSING_MS = 100;
/** Of longer gaps only this is heard as silence: no detector looks further back. */
const MAX_FILLED_MS = 10_000;

/**
 * Listens to one side of a call: who speaks, tones of the network, fax machines, beeps, person or machine. Every frame of
 * 20 ms is transformed once, for all of them. Nothing is allocated but findings.
 */
export class Analysis {
  readonly #onFinding: (finding: Finding) => void;
  readonly #reader = new FrameReader();
  readonly #spectrum = new Spectrum();
  readonly #history = new History();
  readonly #silence = new Float64Array(FRAME_SAMPLES);
  readonly #tone = new SteadyTone();
  readonly #activity: VoiceActivity;
  readonly #beep = new BeepDetector();
  readonly #fax = new FaxDetector();
  readonly #networkTones = new NetworkToneDetector();
  readonly #answering: AnsweringDetector | null;
  #originMs = Number.NaN;
  #elapsedMs = 0;
  #speechStartMs = -1;
  #hasSpoken = false;
  #voicedEndMs = 0;
  #voicedRunMs = 0;

  constructor({ answering = null, speechHangoverMs = 500, onFinding }: AnalysisOptions) {
    this.#onFinding = onFinding;
    this.#activity = new VoiceActivity({ hangoverMs: speechHangoverMs });
    this.#answering = answering === null ? null : new AnsweringDetector(answering);
  }

  /** Takes the next samples, at 8 or 16 kHz, heard from `nowMs` on; the first ones begin the analysis. */
  process(samples: Int16Array, at: number, n: number, sampleRateHz: number, nowMs: number): void {
    this.tick(nowMs);
    for (let i = at; i < at + n; i++) {
      if (this.#reader.push(samples[i] as number, sampleRateHz)) this.#hear(this.#reader.frame);
    }
  }

  /** Lets time pass in which nothing came. To be called now and then while nothing does. */
  tick(nowMs: number): void {
    if (Number.isNaN(this.#originMs)) this.#originMs = nowMs;
    const missing = nowMs - this.#originMs - this.#elapsedMs;
    if (missing < MISSING_MS) return;
    const skipped = Math.max(0, Math.floor((missing - MAX_FILLED_MS) / FRAME_MS));
    this.#elapsedMs += skipped * FRAME_MS;
    for (let ms = missing - skipped * FRAME_MS; ms >= FRAME_MS; ms -= FRAME_MS) this.#hear(this.#silence);
  }

  #hear(frame: Float64Array): void {
    const startMs = this.#elapsedMs;
    const endMs = startMs + FRAME_MS;
    this.#elapsedMs = endMs;
    const spectrum = this.#spectrum;
    spectrum.analyse(frame);
    this.#history.add(frame);
    this.#tone.accept(spectrum, this.#history, startMs);
    const voiced = this.#activity.accept(spectrum);
    this.#followSpeech(voiced, startMs);
    const fax = this.#fax.accept(this.#tone, endMs, this.#hasSpoken);
    if (fax !== null) {
      this.#answering?.give();
      this.#onFinding(fax);
    }
    const tone = this.#networkTones.accept(spectrum, this.#history, this.#tone, endMs);
    if (tone !== null) this.#onFinding(tone);
    const beep = this.#beep.accept(spectrum, this.#tone, this.#hasSpoken && fax === null);
    if (beep !== null) {
      const machine = this.#answering?.hearBeep() ?? null;
      if (machine !== null) this.#onFinding(machine);
      this.#onFinding(beep);
    }
    const answered = this.#answering?.accept(voiced) ?? null;
    if (answered !== null) this.#onFinding(answered);
  }

  #followSpeech(voiced: boolean, startMs: number): void {
    if (voiced) {
      this.#voicedRunMs = this.#voicedEndMs === startMs ? this.#voicedRunMs : startMs;
      this.#voicedEndMs = startMs + FRAME_MS;
    }
    const { speaking } = this.#activity;
    if (speaking && this.#speechStartMs < 0) {
      this.#speechStartMs = this.#voicedRunMs;
      this.#hasSpoken = true;
      this.#onFinding({ kind: 'speech_started', atMs: this.#speechStartMs });
    } else if (!speaking && this.#speechStartMs >= 0) {
      const durationMs = this.#voicedEndMs - this.#speechStartMs;
      this.#onFinding({ kind: 'speech_ended', atMs: this.#voicedEndMs, durationMs });
      this.#speechStartMs = -1;
    }
  }
}
