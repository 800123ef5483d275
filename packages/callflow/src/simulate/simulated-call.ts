import type { CallOutcome, Input, Json, JsonObject } from '../io.ts';
import type { Progress } from './progress.ts';
import type { SimulatedCallback, TranscriptEntry } from './script.ts';
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

/** A command for a live call, as the REST API has them. */
export type LiveCommand =
  /** `now` interrupts what goes on, `after_current` waits for its end, `beside` runs beside the flow. Default `now`. */
  { actions: Json[]; when?: 'now' | 'after_current' | 'beside' } | { sessionData: JsonObject } | { hangUp: string };

/**
 * A call in virtual time, taken step by step. Each step lets just as much time pass as it needs, and throws a
 * SimulationError when the call does something else. With a server in place of a document every step is awaited.
 */
export class CallUnderTest<Mode extends 'now' | 'later'> extends Simulation<SimulatedCallback> {
  readonly #line: VirtualLine;
  readonly #run: (progress: Progress, call: CallUnderTest<Mode>) => Stepped<Mode>;
  /** How many of the prompts have been spoken of. */
  #noticed = 0;
  /** How many lines of the transcript. */
  #told = 0;

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

  /** The same, whatever the caller hears before each of them: music while it waits, say. */
  hearsLater(...expected: (string | RegExp)[]): Stepped<Mode> {
    return this.#perform(this.#hearLater(expected));
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

  /**
   * What the flow does beside speaking, in order, however much later: a line of the transcript contains each of these texts,
   * or matches it: `'connected with bob'`, `'message to +12125550101'`.
   */
  does(...expected: (string | RegExp)[]): Stepped<Mode> {
    return this.#perform(this.#do(expected));
  }

  /** A command of the REST API comes now. */
  receives(command: LiveCommand): Stepped<Mode> {
    return this.#perform(this.#receive(command));
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

  *#hearLater(expected: readonly (string | RegExp)[]): Progress {
    for (const text of expected) {
      const find = () => this.#line.heard.findIndex(({ what }, at) => at >= this.#noticed && isLike(what, text));
      yield* this.#line.advance(() => find() !== -1);
      const index = find();
      if (index === -1) this.fail(`expected the caller to hear ${named(text)}, but the call ended without it`);
      this.#noticed = index + 1;
      yield* this.#line.advance(() => this.#line.heard[index]?.isOver === true);
    }
  }

  *#do(expected: readonly (string | RegExp)[]): Progress {
    for (const wanted of expected) {
      const find = () => this.transcript.findIndex((entry, at) => at >= this.#told && isDone(entry, wanted));
      yield* this.#line.advance(() => find() !== -1);
      const found = find();
      if (found === -1) this.fail(`expected the flow to do ${named(wanted)}, but the call ended without it`);
      this.#told = found + 1;
    }
  }

  *#receive(command: LiveCommand): Progress {
    if (this.#line.outcome !== null) this.fail('the command came too late: the call was over');
    this.#line.take(inputOf(command));
    yield* this.#line.advance(() => false, this.elapsedMs);
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

/** What is not heard, and is not the caller's own doing. */
const DONE: readonly TranscriptEntry['type'][] = [
  'callee',
  'collected',
  'branch',
  'sets',
  'does',
  'warning',
  'error',
  'hangs_up',
];

function isDone({ type, text }: TranscriptEntry, wanted: string | RegExp): boolean {
  return DONE.includes(type) && isLike(text, wanted);
}

/** The line has its own time. */
function inputOf(command: LiveCommand): Input {
  const atMs = 0;
  if ('actions' in command)
    return { type: 'inject_actions', actions: command.actions, when: command.when ?? 'now', atMs };
  if ('sessionData' in command) return { type: 'inject_session_data', sessionData: command.sessionData, atMs };
  return { type: 'hang_up', reason: command.hangUp, atMs };
}
