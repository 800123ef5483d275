import type { Counters } from '../transport/counters.ts';
import type { Clock, Timer } from './clock.ts';
import type { Action, Step, Surroundings } from './machine.ts';

/** What every transaction of an endpoint shares. */
export interface TransactionContext {
  readonly clock: Clock;
  readonly counters: Counters;
}

/**
 * Drives one state machine: feeds it events, runs its two timers, carries out its actions. At any time one
 * retransmission timer and one ending timer run at most, whatever the kind of transaction.
 */
export abstract class Transaction<State extends string, Event extends string> {
  protected readonly context: TransactionContext;
  protected readonly around: Surroundings;
  #state: State | 'terminated';
  #repeat: Timer | undefined;
  #end: Timer | undefined;

  constructor(context: TransactionContext, around: Surroundings, initial: State) {
    this.context = context;
    this.around = around;
    this.#state = initial;
    context.counters.transactions++;
  }

  get state(): State | 'terminated' {
    return this.#state;
  }

  /** Ends the transaction without another message (RFC 3261 §9.1: a cancelled INVITE that nobody answers). */
  abandon(): void {
    if (this.#state !== 'terminated') this.#terminate();
  }

  protected handle(event: Event, intervalMs = 0): void {
    if (this.#state === 'terminated') return;
    const { next, actions } = this.step(this.#state, event, intervalMs);
    if (next === 'terminated') this.#terminate();
    else this.#state = next;
    for (const action of actions) this.#carryOut(action);
  }

  protected abstract step(state: State, event: Event, intervalMs: number): Step<State>;
  protected abstract timerEvent(timer: string): Event;
  protected abstract send(again: boolean): void;
  protected abstract acknowledge(): void;
  protected abstract pass(): void;
  protected abstract report(failure: 'timeout' | 'transport'): void;
  /** Takes the transaction off the books. */
  protected abstract ended(): void;

  #carryOut(action: Action): void {
    const { clock, counters } = this.context;
    switch (action.do) {
      case 'send':
        this.send(false);
        break;
      case 'resend':
        counters.retransmissionsSent++;
        this.send(true);
        break;
      case 'ack':
        this.acknowledge();
        break;
      case 'pass':
        this.pass();
        break;
      case 'report':
        this.report(action.failure);
        break;
      case 'repeat': {
        const { timer, ms } = action;
        this.#stopRepeat();
        this.#repeat = clock.schedule(ms, () => this.handle(this.timerEvent(timer), ms));
        break;
      }
      case 'stop-repeat':
        this.#stopRepeat();
        break;
      case 'end-after': {
        const { timer, ms } = action;
        this.#stopEnd();
        this.#end = clock.schedule(ms, () => this.handle(this.timerEvent(timer)));
        break;
      }
      case 'stop-end':
        this.#stopEnd();
        break;
    }
  }

  #terminate(): void {
    this.#state = 'terminated';
    this.#stopRepeat();
    this.#stopEnd();
    this.context.counters.transactions--;
    this.ended();
  }

  #stopRepeat(): void {
    if (this.#repeat !== undefined) this.context.clock.cancel(this.#repeat);
    this.#repeat = undefined;
  }

  #stopEnd(): void {
    if (this.#end !== undefined) this.context.clock.cancel(this.#end);
    this.#end = undefined;
  }
}
