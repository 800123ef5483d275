import type { CallOutcome } from '../io.ts';
import type { Progress } from './progress.ts';
import type { SimulatedCallback } from './script.ts';
import { isLike, named, Simulation } from './simulation.ts';
import type { VirtualLine } from './virtual-line.ts';

/** What a step gives: the call itself, or a promise of it when a server answers the callbacks. */
export type Stepped<Mode extends 'now' | 'later'> = Mode extends 'now'
  ? CallUnderTest<'now'>
  : Promise<CallUnderTest<'later'>>;

/** What the end of a call is expected to be; what is not given does not matter. */
export interface ExpectedEnd {
  /** `caller`, or `api` for the flow. */
  by?: CallOutcome['hangupEnd'];
  status?: CallOutcome['status'];
}

/**
 * A call in virtual time, taken step by step. Each step lets just as much time pass as it needs, and throws a
 * SimulationError when the call does something else. With a server in place of a document every step is awaited.
 */
export class CallUnderTest<Mode extends 'now' | 'later'> extends Simulation<SimulatedCallback> {
  readonly #line: VirtualLine;
  readonly #run: (progress: Progress, call: CallUnderTest<Mode>) => Stepped<Mode>;
  /** How many of the prompts have been spoken of. */
  #noticed = 0;

  constructor(line: VirtualLine, run: (progress: Progress, call: CallUnderTest<Mode>) => Stepped<Mode>) {
    super(line);
    this.#line = line;
    this.#run = run;
  }

  /**
   * The next prompts, in order, contain these texts, or match these expressions, and have been heard to their end. Of
   * PLAY, the address counts.
   */
  hears(...expected: (string | RegExp)[]): Stepped<Mode> {
    return this.#perform(this.#hear(expected));
  }

  /** As soon as the call takes keys, the caller presses these: `'1'`, `'1234#'`. During a prompt they cut it short. */
  presses(keys: string): Stepped<Mode> {
    return this.#perform(this.#press(keys));
  }

  /** The caller lets the call wait for keys until it has waited long enough. */
  pressesNothing(): Stepped<Mode> {
    return this.#perform(this.#pressNothing());
  }

  /**
   * As soon as the call listens to what is said, the caller says this, and it is understood word for word. During a prompt
   * that speech cuts short it does. `''` is something that is not understood.
   */
  says(text: string, options: { confidence?: number | null } = {}): Stepped<Mode> {
    return this.#perform(this.#say(text, options.confidence));
  }

  /** The caller neither presses nor says anything, until the call has waited long enough: it goes on, or asks again. */
  silent(): Stepped<Mode> {
    return this.#perform(this.#keepSilent());
  }

  /** The caller says this now, whether the call listens or not. */
  speaks(text: string, options: { confidence?: number | null } = {}): Stepped<Mode> {
    return this.#perform(this.#line.say(text, options.confidence));
  }

  /** The caller presses these now, whether the call takes keys or not. */
  types(keys: string): Stepped<Mode> {
    return this.#perform(this.#line.press(keys));
  }

  /** Lets time pass. */
  waits(durationMs: number): Stepped<Mode> {
    return this.#perform(this.#line.advance(() => false, this.#line.elapsedMs + durationMs));
  }

  /** The caller hangs up. */
  hangsUp(): Stepped<Mode> {
    return this.#perform(this.#hangUp());
  }

  /** Runs on to the end of the call, with what the script's caller still does. */
  ends(expected: ExpectedEnd = {}): Stepped<Mode> {
    return this.#perform(this.#end(expected));
  }

  /** Everything the caller heard: texts, and addresses of files. */
  get heard(): readonly string[] {
    return this.#line.heard.map(({ what }) => what);
  }

  /** Null while the call is up. */
  get outcome(): CallOutcome | null {
    return this.#line.outcome;
  }

  /** The flow would take a key now. */
  get isListening(): boolean {
    return ['1', '#', '*'].some((digit) => this.#line.isListening(digit));
  }

  /** The flow would hear now what the caller says. */
  get isHearing(): boolean {
    return this.#line.isHearing;
  }

  /** Something is being played to the caller. */
  get isPlaying(): boolean {
    return this.#line.isPlaying;
  }

  /** Only the longest time of the call would end what goes on now; a step that waits for the call to do something ends it. */
  get isEndless(): boolean {
    return this.#line.isEndless;
  }

  /** Since the start of the call, in virtual time. */
  get elapsedMs(): number {
    return this.#line.elapsedMs;
  }

  #perform(progress: Progress): Stepped<Mode> {
    return this.#run(progress, this);
  }

  *#hear(expected: readonly (string | RegExp)[]): Progress {
    for (const text of expected) {
      const index = this.#noticed;
      yield* this.#line.advance(() => this.#line.heard[index] !== undefined);
      const heard = this.#line.heard[index];
      if (heard === undefined) this.fail(`expected the caller to hear ${named(text)}, but the call ended`);
      if (!isLike(heard.what, text))
        this.fail(`expected the caller to hear ${named(text)}, but the next thing was "${heard.what}"`);
      this.#noticed += 1;
      yield* this.#line.advance(() => heard.isOver);
    }
  }

  *#press(keys: string): Progress {
    if (!/^[0-9*#A-D]+$/i.test(keys)) throw new TypeError(`"${keys}": keys are 0-9, *, # and A-D`);
    yield* this.#line.advance(() => this.#line.isListening(keys[0]));
    if (this.#line.outcome !== null)
      this.fail(`the caller could not press ${keys}: the call ended without taking keys`);
    yield* this.#line.press(keys);
    this.#noticeAll();
  }

  *#say(text: string, confidence: number | null | undefined): Progress {
    yield* this.#line.advance(() => this.#line.isHearing);
    if (this.#line.outcome !== null)
      this.fail(`the caller could not say "${text}": the call ended without listening to what is said`);
    yield* this.#line.say(text, confidence);
    this.#noticeAll();
  }

  *#keepSilent(): Progress {
    yield* this.#line.advance(() => this.#line.isListening() || this.#line.isHearing);
    if (this.#line.outcome !== null) this.fail('the call ended without waiting for an answer');
    const waited = () => this.#line.collected + this.#line.askedAgain;
    const before = waited();
    yield* this.#line.advance(() => waited() > before);
    this.#noticeAll();
  }

  *#pressNothing(): Progress {
    yield* this.#line.advance(() => this.#line.isListening());
    if (this.#line.outcome !== null) this.fail('the call ended without waiting for keys');
    const before = this.#line.collected;
    yield* this.#line.advance(() => this.#line.collected > before);
    this.#noticeAll();
  }

  /** What has been heard to its end is not asked about any more. */
  #noticeAll(): void {
    this.#noticed = this.#line.heard.filter(({ isOver }) => isOver).length;
  }

  *#hangUp(): Progress {
    if (this.#line.outcome !== null) this.fail('the caller could not hang up: the call was over');
    this.#line.hangUp('the caller');
    yield* this.#line.advance(() => false);
  }

  *#end({ by, status }: ExpectedEnd): Progress {
    yield* this.#line.advance(() => false);
    const { outcome } = this.#line;
    if (outcome === null) this.fail('the call did not end');
    if (by !== undefined && outcome.hangupEnd !== by) {
      this.fail(`expected the call to be ended by "${by}", but it was ended by "${outcome.hangupEnd}"`);
    }
    if (status !== undefined && outcome.status !== status)
      this.fail(`expected the call to end as "${status}", but it ended as "${outcome.status}"`);
  }
}
