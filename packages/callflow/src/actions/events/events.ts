import { type EventRange, eventNow } from '../../interpreter/events.ts';
import type { RaisedEvent } from '../../interpreter/state.ts';
import type { Step } from '../../interpreter/step.ts';
import type { JsonObject } from '../../io.ts';
import { isJsonObject, kindOf } from '../../json-value.ts';
import { didYouMean } from '../../nearest-name.ts';
import { isComment } from '../../remarks.ts';
import type { ActionCompiler } from '../action.ts';

/** The lists of an action's `events` that have something to run, by name. */
export type EventRanges = { [name: string]: EventRange };

/** Compiles a nested list that runs as a frame of its own; null when there is nothing to run. */
export function compileRegion(
  entry: JsonObject,
  compiler: ActionCompiler,
  key: string,
  path = compiler.path,
): EventRange | null {
  if (!Object.hasOwn(entry, key)) return null;
  const from = compiler.here();
  compiler.list(key, 'region', { entry, path });
  const to = compiler.here() - 1;
  return to > from ? { from, to } : null;
}

/** Compiles `events`: an object of lists, named by what they wait for. After it comes whatever `compiler.here()` says. */
export function compileEvents(entry: JsonObject, compiler: ActionCompiler, known: readonly string[]): EventRanges {
  const events = Object.hasOwn(entry, 'events') ? (entry.events ?? null) : null;
  if (events === null) return {};
  if (!isJsonObject(events)) {
    compiler.warn(`events is ${kindOf(events)}; an object of lists of actions is expected`);
    return {};
  }
  const ranges: EventRanges = {};
  for (const name of Object.keys(events)) {
    if (!known.includes(name)) {
      if (!isComment(name)) compiler.warn(() => `unknown event "${name.slice(0, 60)}"${didYouMean(name, known)}`);
      continue;
    }
    const range = compileRegion(events, compiler, name, `${compiler.path}.events`);
    if (range !== null) ranges[name] = range;
  }
  return ranges;
}

/** What the documentation of every action with events says of them. */
export const EVENTS_RUN_BESIDE =
  'The list of an event runs beside the action, one event at a time, and sees its variables: SAY and PLAY in it are heard ' +
  'by this call alone, in place of what it hears otherwise; what the flow itself was saying is said again afterwards. HANGUP and REDIRECT in it are the call’s own; a GOTO to a ' +
  'label outside of it cuts the action short and goes on there. When the action is over, so are its events.';

/** The events as they are to be raised from what goes on after its action. */
export function eventsNow(step: Step, owner: string | null, ranges: EventRanges): { [name: string]: RaisedEvent } {
  const events: { [name: string]: RaisedEvent } = {};
  for (const [name, range] of Object.entries(ranges)) {
    const event = eventNow(step, name, owner, range);
    if (event !== null) events[name] = event;
  }
  return events;
}
