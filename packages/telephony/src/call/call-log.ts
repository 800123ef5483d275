import type { Effect, FlowEvent, Input, JsonObject } from '@voxology/callflow';
import type { CallEvent, EventStore } from '@voxology/store';
import type { Conclusion } from './conclude.ts';

/** The event log of one call: everything that came in, was decided and was done, numbered in order. */
export class CallLog {
  readonly callId: string;
  readonly #events: Pick<EventStore, 'append'>;
  #seq: number;
  #isClosed = false;

  constructor(callId: string, events: Pick<EventStore, 'append'>, lastSeq = 0) {
    this.callId = callId;
    this.#events = events;
    this.#seq = lastSeq;
  }

  input(input: Input): void {
    const { type, atMs, ...data } = input;
    this.note('input', type, data as unknown as JsonObject, atMs);
  }

  effect(effect: Effect, atMs: number): void {
    const { type, ...data } = effect;
    this.note('effect', type, data as unknown as JsonObject, atMs);
  }

  event(event: FlowEvent, atMs: number): void {
    const { type, ...data } = event;
    this.note('event', type, data as unknown as JsonObject, atMs);
  }

  /** The end of a call that no live flow came to: the same line that the effect of one leaves. */
  concluded({ record, endCallback }: Conclusion, atMs: number): void {
    this.note('effect', 'finish', { ...endCallback, record } as unknown as JsonObject, atMs);
  }

  /** Anything else worth a line in the timeline: SIP responses, HTTP attempts, media statistics, our own errors. */
  note(kind: CallEvent['kind'], type: string, data: JsonObject, atMs: number): void {
    if (this.#isClosed) return;
    this.#seq += 1;
    this.#events.append(this.callId, [{ seq: this.#seq, at: atMs, kind, type, data }]);
  }

  /** From here on another log of the call may count on; a late SIP response must not take its numbers. */
  close(): void {
    this.#isClosed = true;
  }
}
