import type { SpeechEffect } from '../io.ts';
import type { Listener } from './state.ts';
import { emitWhileUp, isEvent, newId, type Step } from './step.ts';

/** How the caller is listened to. */
export type ListeningStart = Omit<Extract<SpeechEffect, { type: 'start_listening' }>, 'type' | 'listenId'>;

/** Wants to hear the caller from the end of this step on; gives the id by which that is told. */
export function listen(step: Step, start: ListeningStart): string {
  const listenId = newId(step, 'l');
  const listener: Listener = { listenId, isOfEvent: isEvent(step), gaveWay: false, ...start };
  step.call.listeners = [...step.call.listeners, listener];
  return listenId;
}

/** Wants to hear no more. */
export function stopListening(step: Step, listenId: string): void {
  if (step.call.heardBy === listenId) emitWhileUp(step, { type: 'stop_listening', listenId });
  forgetListener(step, listenId);
}

/** Nothing is heard any more: the listening is over by itself. */
export function forgetListener({ call }: Step, listenId: string): void {
  call.listeners = call.listeners.filter((listener) => listener.listenId !== listenId);
  if (call.heardBy === listenId) call.heardBy = null;
}

/**
 * Begins to listen for whose turn it is: the latest of an event, else the latest. Null when that goes on already, or for
 * one that had not to give way before.
 */
export function listenForNext(step: Step): string | null {
  const { call } = step;
  const next = call.listeners.findLast(({ isOfEvent }) => isOfEvent) ?? call.listeners.at(-1);
  if (next === undefined || next.listenId === call.heardBy) return null;
  const { listenId, gaveWay, hints, language, endSilenceMs } = next;
  call.listeners = call.listeners.map((listener) => ({
    ...listener,
    gaveWay: listener.gaveWay || listener.listenId === call.heardBy,
  }));
  call.heardBy = listenId;
  step.effects.push({ type: 'start_listening', listenId, hints, language, endSilenceMs });
  return gaveWay ? listenId : null;
}
