import type { SipEndpoint } from '@voxology/sip';
import { vi } from 'vitest';
import { closeEmpty } from './close-empty.ts';
import { Exchange, type PhoneCall } from './exchange.ts';

/** Waits for a key, so that the call stays up. */
const AFTERWARDS = { type: 'COLLECT', params: { num_digits: 1, timeout: 60_000 } };

/** Calls of one telephone, each with a flow of its own, with the timers of the process in the hands of the test. */
export class Callers {
  readonly exchange: Exchange;
  /** In the order in which they were made. */
  readonly calls: PhoneCall[] = [];
  readonly #phone: SipEndpoint;

  constructor(exchange: Exchange, phone: SipEndpoint) {
    this.exchange = exchange;
    this.#phone = phone;
  }

  static async open(): Promise<Callers> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const exchange = await Exchange.open();
    return new Callers(exchange, await exchange.phoneAt('10.0.0.2'));
  }

  begin(...actions: object[]): void {
    this.exchange.script = [{ actions: [...actions, AFTERWARDS] }];
    this.calls.push(this.exchange.call(this.#phone));
  }

  /** A call whose flow does this, and then waits for a key; gives the call's id. */
  async call(...actions: object[]): Promise<string> {
    this.begin(...actions);
    await this.exchange.settle();
    return String(this.exchange.callbacks.at(-1)?.call_id);
  }

  async hangUp(index: number): Promise<void> {
    void this.calls[index]?.dialog?.bye();
    await this.exchange.settle();
  }

  /** Lets time pass, for our timers and on the wire. */
  async after(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
    await this.exchange.settle();
  }

  /** Inputs of this kind in the log of a call. */
  told(callId: string, type: string): unknown[] {
    return this.exchange.store.log
      .filter((one) => one.callId === callId && one.type === type && one.kind === 'input')
      .map(({ data }) => data);
  }

  /** All hang up, and nothing may be left: no error, no line in use, no media. */
  async close(): Promise<void> {
    for (const call of this.calls) void call.dialog?.bye();
    await this.exchange.settle();
    await closeEmpty(this.exchange);
  }
}
