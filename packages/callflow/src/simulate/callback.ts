import type { JsonObject } from '../io.ts';
import type { SimulatedMessageCallback } from './message-script.ts';
import type { SimulatedCallback } from './script.ts';
import type { Timeline } from './timeline.ts';

type Callback = SimulatedCallback | SimulatedMessageCallback;

/** How many a simulation asks for when its script does not say. */
export const DEFAULT_MAX_CALLBACKS = 100;
/** From us to anybody else and back. */
export const NETWORK_MS = 50;

/** A callback's answer as it comes over the wire. */
export function answerText(answer: unknown): string {
  return typeof answer === 'string' ? answer : JSON.stringify(answer);
}

/** Why a callback failed whose answer was thrown. */
export function failureText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Adds a callback to the transcript; `more`: what of its body is worth telling. */
export function tellOfCallback({ request, answer, failure }: Callback, more: string, timeline: Timeline): void {
  const { url, method, body } = request;
  const where = isRequest(url) ? `${method} ${url}` : url;
  const data = { url, method, body: { ...body }, answer, failure } as unknown as JsonObject;
  const outcome = failure === null ? '' : ` failed: ${failure}`;
  timeline.tell('callback', `${body.type} to ${where}${more}${outcome}`, null, data);
}

/** Has the flow told what came of a callback. */
export function deliver(requestId: string, { answer, failure }: Callback, takesMs: number, timeline: Timeline): void {
  timeline.later(takesMs, null, (atMs) =>
    answer === null
      ? { type: 'callback_failed', requestId, reason: failure ?? '', atMs }
      : { type: 'callback_answered', requestId, httpStatus: 200, bodyText: answer, atMs },
  );
}

/** Something for a web server; what is not is the name of a flow that is simply there. */
export function isRequest(url: string): boolean {
  return /^https?:/i.test(url);
}
