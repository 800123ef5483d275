import type { Effect, FlowEvent, Input, JsonObject } from '@voxology/callflow';
import type { CallEvent, EventStore } from '@voxology/store';

/** The event log of one call: everything that came in, was decided and was done, numbered in order. */
export class CallLog {
  readonly callId: string;
  readonly #events: EventStore;
  #seq = 0;

  constructor(callId: string, events: EventStore, lastSeq = 0) {
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

  /** Anything else worth a line in the timeline: SIP responses, HTTP attempts, media statistics, our own errors. */
  note(kind: CallEvent['kind'], type: string, data: JsonObject, atMs: number): void {
    this.#seq += 1;
    this.#events.append(this.callId, [{ seq: this.#seq, at: atMs, kind, type, data }]);
  }
}
