import { LRUCache } from 'lru-cache';
import { RateLimit } from '../outbound/rate-limit.ts';

/** How many text messages may come in. */
export interface MessageLimits {
  maxCharacters: number;
  /** For one application, all of them at once if it likes. */
  perMinute: number;
  /** From one sender to one number: two numbers that answer each other stop here. */
  perSenderAndHour: number;
  /** Flows of messages at once. */
  maxFlows: number;
}

const TRACKED_SENDERS = 50_000;
const TRACKED_APPLICATIONS = 10_000;

/** Counts the text messages that come in. */
export class MessageRates {
  readonly #limits: MessageLimits;
  readonly #applications = new LRUCache<string, RateLimit>({ max: TRACKED_APPLICATIONS });
  readonly #senders = new LRUCache<string, RateLimit>({ max: TRACKED_SENDERS });

  constructor(limits: MessageLimits) {
    this.#limits = limits;
  }

  /** Counts one; what is exceeded, for people, or null. */
  exceeded(appId: string, callerNo: string, apiNo: string, nowMs: number): string | null {
    const { perMinute, perSenderAndHour } = this.#limits;
    if (!taken(this.#senders, `${callerNo} ${apiNo}`, perSenderAndHour, 3600, nowMs)) {
      return `more than ${perSenderAndHour} messages in an hour from one sender to one number (setting limits.max_messages_per_sender_and_hour)`;
    }
    if (!taken(this.#applications, appId, perMinute, 60, nowMs)) {
      return `more than ${perMinute} messages in a minute (setting limits.max_messages_per_minute)`;
    }
    return null;
  }
}

function taken(rates: LRUCache<string, RateLimit>, key: string, burst: number, seconds: number, nowMs: number) {
  let rate = rates.get(key);
  if (rate === undefined) {
    rate = new RateLimit({ perSecond: burst / seconds, burst }, nowMs);
    rates.set(key, rate);
  }
  return rate.take(nowMs);
}
