import type { State } from '../interpreter/state.ts';
import type { JsonObject } from '../io.ts';
import type { TranscriptEntry } from './script.ts';
import { transcriptText } from './transcript.ts';

/** A step of a simulation that did not go as expected. The message shows what happened so far. */
export class SimulationError extends Error {
  override name = 'SimulationError';
  readonly transcript: readonly TranscriptEntry[];

  constructor(message: string, transcript: readonly TranscriptEntry[]) {
    super(`${message}\n\n${transcriptText(transcript)}\n`);
    this.transcript = transcript;
  }
}

/** Where a simulation runs. */
interface Line<Callback> {
  readonly entries: readonly TranscriptEntry[];
  readonly callbacks: readonly Callback[];
  readonly state: State;
}

/** What can be read of every simulation, whether of a call or of a text message. */
export abstract class Simulation<Callback> {
  readonly #line: Line<Callback>;

  constructor(line: Line<Callback>) {
    this.#line = line;
  }

  /** What happened so far. */
  get transcript(): readonly TranscriptEntry[] {
    return this.#line.entries;
  }

  /** The transcript for people, a line per entry. */
  get text(): string {
    return transcriptText(this.#line.entries);
  }

  /** The callbacks asked for, with their bodies and what came back. */
  get callbacks(): readonly Callback[] {
    return this.#line.callbacks;
  }

  get sessionData(): JsonObject | null {
    const { state } = this.#line;
    return state.kind === 'call' ? state.sessionData : null;
  }

  /** The flow's own variables, by name without the `$`. */
  get variables(): JsonObject {
    const { state } = this.#line;
    return state.kind === 'call' ? state.variables : {};
  }

  /** @throws SimulationError always */
  protected fail(message: string): never {
    throw new SimulationError(message, this.#line.entries);
  }
}

/** An expected text, or what it is to be like, for a message. */
export function named(text: string | RegExp): string {
  return typeof text === 'string' ? `"${text}"` : `something like ${text}`;
}

/** A text contains the expected one, or matches the expression. */
export function isLike(text: string, expected: string | RegExp): boolean {
  return typeof expected === 'string' ? text.includes(expected) : expected.test(text);
}
