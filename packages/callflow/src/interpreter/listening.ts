import type { CalleeLeg, SpeechEffect } from '../io.ts';
import { isSameLeg } from './callees.ts';
import type { Listener } from './state.ts';
import { emitWhileUp, isEvent, newId, type Step } from './step.ts';

/** How the caller, or a callee, is listened to. */
export type ListeningStart = Omit<Extract<SpeechEffect, { type: 'start_listening' }>, 'type' | 'listenId' | 'leg'>;

/** Wants to hear the caller, or the callee whose list runs, from the end of this step on; gives the id by which that is told. */
export function listen(step: Step, start: ListeningStart): string {
  const listenId = newId(step, 'l');
  const listener: Listener = {
    listenId,
    isOfEvent: isEvent(step),
    leg: step.strand?.leg ?? null,
    gaveWay: false,
    ...start,
  };
  step.call.listeners = [...step.call.listeners, listener];
  return listenId;
}

/** Wants to hear no more. */
export function stopListening(step: Step, listenId: string): void {
  const leg = step.call.listeners.find((listener) => listener.listenId === listenId)?.leg ?? null;
  if (step.call.heardBy.includes(listenId)) emitWhileUp(step, { type: 'stop_listening', listenId, ...onLeg(leg) });
  forgetListener(step, listenId);
}

/** Nothing is heard any more: the listening is over by itself. */
export function forgetListener({ call }: Step, listenId: string): void {
  call.listeners = call.listeners.filter((listener) => listener.listenId !== listenId);
  call.heardBy = call.heardBy.filter((id) => id !== listenId);
}

/**
 * Begins to listen, on each leg, for whose turn it is: the latest of an event, else the latest. Gives those that had to give
 * way before and are heard again.
 */
export function listenForNext(step: Step): string[] {
  const { call } = step;
  if (call.listeners.length === 0) return [];
  return legsOf(call.listeners).flatMap((leg) => listenOn(step, leg) ?? []);
}

function legsOf(listeners: readonly Listener[]): (CalleeLeg | null)[] {
  return listeners
    .map(({ leg }) => leg)
    .filter((leg, index, legs) => legs.findIndex((other) => isSameLeg(other, leg)) === index);
}

/** Null when that goes on already, or for one that had not to give way before. */
function listenOn(step: Step, leg: CalleeLeg | null): string | null {
  const { call } = step;
  const there = call.listeners.filter((listener) => isSameLeg(listener.leg, leg));
  const next = there.findLast(({ isOfEvent }) => isOfEvent) ?? there.at(-1);
  if (next === undefined || call.heardBy.includes(next.listenId)) return null;
  const { listenId, gaveWay, hints, language, endSilenceMs } = next;
  const before = there.find((listener) => call.heardBy.includes(listener.listenId))?.listenId;
  call.listeners = call.listeners.map((listener) => ({
    ...listener,
    gaveWay: listener.gaveWay || listener.listenId === before,
  }));
  call.heardBy = [...call.heardBy.filter((id) => id !== before), listenId];
  step.effects.push({ type: 'start_listening', listenId, hints, language, endSilenceMs, ...onLeg(leg) });
  return gaveWay ? listenId : null;
}

function onLeg(leg: CalleeLeg | null): { leg?: CalleeLeg } {
  return leg === null ? {} : { leg };
}
