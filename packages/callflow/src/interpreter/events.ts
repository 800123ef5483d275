import type { JsonObject } from '../io.ts';
import { eventStrand, listAt, programOf } from './frames.ts';
import type { RaisedEvent, Strand } from './state.ts';
import { report, type Spot, type Step } from './step.ts';

/** Where the list of an event stands in the program. */
export type EventRange = { from: number; to: number };

/** What runs when the event comes: its list, and the variables the action's lists had for themselves. */
export function eventNow(
  step: Step,
  name: string,
  owner: string | null,
  { from, to }: EventRange,
  locals: JsonObject = {},
): RaisedEvent | null {
  const { strand } = step;
  // What is put in from outside may stand over the list of the action, and has a program of its own.
  const index = step.depth ?? (strand?.frames.length ?? 0) - 1;
  const program = strand && programOf(step.call, strand, index);
  const list = strand && listAt(strand, index);
  if (strand === null || program === null || list === null) return null;
  const inherited = Object.assign(
    {},
    ...strand.frames.slice(0, index + 1).map((frame) => frame.locals ?? {}),
  ) as JsonObject;
  return { name, owner, program, list, from, to, locals: { ...inherited, ...locals } };
}

/** Lets the list of an event run beside the main strand, when those before it have. */
export function raise(step: Step, spot: Spot, event: RaisedEvent | null): void {
  if (event === null) return;
  const { call, limits } = step;
  if (call.raised.length >= limits.maxWaitingEvents) {
    report(step, 'warning', spot, `${call.raised.length} events wait already; ${event.name} is dropped`);
    return;
  }
  call.raised = [...call.raised, event];
}

/** What the events belong to is over: the one that runs is cut short, those that wait are dropped. */
export function dropEvents(step: Step, owner: string): void {
  const { call } = step;
  call.raised = call.raised.filter((event) => event.owner !== owner);
  if (call.event?.owner === owner) call.event.isDropped = true;
}

/** Makes the first of the waiting events the one that runs; null when there is none. */
export function openNextEvent({ call }: Step): Strand | null {
  const [next, ...rest] = call.raised;
  if (next === undefined) return null;
  call.raised = rest;
  call.event = eventStrand(call, next);
  return call.event;
}
