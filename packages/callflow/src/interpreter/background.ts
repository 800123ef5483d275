import type { JsonObject } from '../io.ts';
import { raise } from './events.ts';
import type { Background } from './state.ts';
import { cancelTimer, reportError, type Spot, type Step } from './step.ts';

/** Notes what goes on after its action. False, and reported, when too much goes on already. */
export function addBackground(step: Step, spot: Spot, background: Omit<Background, 'spot'>): boolean {
  const { call, limits } = step;
  if (call.background.length >= limits.maxBackground) {
    reportError(
      step,
      spot,
      `${call.background.length} recordings, streams and the like go on already; this one is not begun`,
    );
    if (background.timerId !== null) cancelTimer(step, background.timerId);
    return false;
  }
  call.background = [...call.background, { ...background, spot: { path: spot.path, action: spot.action } }];
  return true;
}

/** What goes on by this id; undefined when it is over, or never was. */
export function backgroundOf(step: Step, kind: Background['kind'], id: string): Background | undefined {
  return step.call.background.find((other) => other.kind === kind && other.id === id);
}

/** All of a kind that go on; only those of a name when one is given. */
export function backgroundsOf(step: Step, kind: Background['kind'], name: string | null): Background[] {
  return step.call.background.filter((other) => other.kind === kind && (name === null || other.name === name));
}

/** It is over: forgotten with its timer. */
export function removeBackground(step: Step, background: Background): void {
  const { call } = step;
  if (background.timerId !== null) cancelTimer(step, background.timerId);
  call.background = call.background.filter(({ kind, id }) => kind !== background.kind || id !== background.id);
}

/** Lets the list of one of its events run, when there is one. */
export function raiseFrom(step: Step, { spot, events }: Background, name: string, locals: JsonObject = {}): void {
  const event = Object.hasOwn(events, name) ? events[name] : undefined;
  if (event !== undefined) raise(step, spot, { ...event, locals: { ...event.locals, ...locals } });
}
