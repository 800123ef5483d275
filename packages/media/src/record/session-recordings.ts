import { Recorder } from './recorder.ts';
import type { PauseFilling, RecordingSettings } from './recording.ts';
import type { WriterChannel } from './writer-channel.ts';

/** The recordings of one session, in its worker. */
export class SessionRecordings {
  readonly #recorders = new Map<number, Recorder>();

  /** None runs: nobody needs to be given frames. */
  get idle(): boolean {
    return this.#recorders.size === 0;
  }

  start(recording: number, settings: RecordingSettings, channel: WriterChannel, nowMs: number): void {
    const output = channel.open(recording, settings, () => {
      this.#recorders.get(recording)?.drop();
      this.#recorders.delete(recording);
    });
    this.#recorders.set(recording, new Recorder(settings, output, nowMs));
  }

  /** Nothing happens to one that has ended. */
  stop(recording: number, nowMs: number): void {
    this.#recorders.get(recording)?.end('stopped', nowMs);
  }

  pause(recording: number, filling: PauseFilling, nowMs: number): void {
    this.#recorders.get(recording)?.pause(filling, nowMs);
  }

  resume(recording: number, nowMs: number): void {
    this.#recorders.get(recording)?.resume(nowMs);
  }

  suppressDigits(recording: number, on: boolean): void {
    const recorder = this.#recorders.get(recording);
    if (recorder !== undefined) recorder.suppressDigits = on;
  }

  /** What is heard of the far side from `nowMs` on. */
  far(samples: Int16Array, at: number, n: number, sampleRateHz: number, nowMs: number): void {
    for (const recorder of this.#recorders.values()) recorder.far(samples, at, n, sampleRateHz, nowMs);
  }

  /** What we send from `nowMs` on. */
  near(samples: Int16Array, at: number, n: number, sampleRateHz: number, nowMs: number): void {
    for (const recorder of this.#recorders.values()) recorder.near(samples, at, n, sampleRateHz, nowMs);
  }

  /** A packet of a digit was sent or received. */
  digit(nowMs: number): void {
    for (const recorder of this.#recorders.values()) recorder.digit(nowMs);
  }

  tick(nowMs: number): void {
    for (const recorder of this.#recorders.values()) recorder.tick(nowMs);
  }

  /** The session ends. */
  close(nowMs: number): void {
    for (const recorder of this.#recorders.values()) recorder.end('session_closed', nowMs);
    this.#recorders.clear();
  }
}
