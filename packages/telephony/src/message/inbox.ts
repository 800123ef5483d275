import { randomInt, randomUUID } from 'node:crypto';
import {
  type CallInfo,
  type FlowSettings,
  type IncomingMessage,
  type Keyword,
  type KeywordType,
  keywordOf,
} from '@voxology/callflow';
import type { Application, MessageEnding, MessageOrigin, NumberRow, Store } from '@voxology/store';
import { CallLog } from '../call/call-log.ts';
import { patiently } from '../call/patience.ts';
import { type FlowLimits, flowSettings } from '../flow-settings.ts';
import type { NumberPlaces } from '../number/place.ts';
import { MessageFlow, type MessageFlowServices } from './message-flow.ts';
import { type MessageLimits, MessageRates } from './message-limits.ts';
import { MessageNotSent } from './message-provider.ts';

/** A text message for a number of ours, as it came. */
export interface ReceivedMessage {
  /** E.164 when it is a number, else as the sender is written. */
  from: string;
  /** The E.164 numbers it may be for, the likeliest first. */
  to: readonly string[];
  text: string;
  /** http(s) addresses. */
  mediaUrls: readonly string[];
  origin: MessageOrigin;
  /** The sender's id of it, by which a second delivery is known; null when it has none. */
  externalId: string | null;
  /** Address of the SIP peer; empty when it came another way. */
  sipForwardedFor: string;
}

/** What became of a message: `taken` when it is on the disk (now or before); a refusal is told to the sender. */
export type Receipt =
  | { kind: 'taken'; messageId: string }
  | {
      kind: 'refused';
      why: 'unknown-number' | 'no-callback' | 'too-long' | 'rate' | 'busy' | 'shutting-down';
      /** For people. */
      message: string;
    };

export interface InboxOptions {
  store: Pick<Store, 'numbers' | 'applications' | 'messages' | 'events'>;
  places: Pick<NumberPlaces, 'of' | 'ofOwn'>;
  flow: MessageFlowServices;
  flowLimits: FlowLimits;
  limits: MessageLimits;
  /** What is answered to keywords; null: nothing. */
  autoReplies: Readonly<Record<KeywordType, string | null>>;
}

interface Called {
  number: NumberRow;
  application: Application;
}

const SHUT_DOWN = 'server shutting down';
const CONSENT = { 'Opt-Out': 'withdrawn', 'Opt-In': 'given', Help: null } as const;

/** Takes text messages for our numbers: keywords first, then the number's flow. */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #rates: MessageRates;
  readonly #flows = new Set<MessageFlow>();
  /** What is not in the books yet: flows, and answers to keywords. */
  readonly #settling = new Set<Promise<void>>();
  /** Messages on their way to the books. */
  readonly #arriving = new Set<Promise<unknown>>();
  #draining = false;
  #givesUp = false;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#rates = new MessageRates(options.limits);
  }

  /** Messages whose flows run. */
  get size(): number {
    return this.#flows.size;
  }

  /** Resolves when the message is durably known, before its flow is asked for. Rejects when the store fails. */
  async receive(message: ReceivedMessage): Promise<Receipt> {
    if (this.#draining) return refused('shutting-down', SHUT_DOWN);
    const arriving = this.#take(message);
    this.#arriving.add(arriving);
    try {
      return await arriving;
    } finally {
      this.#arriving.delete(arriving);
    }
  }

  async #take(message: ReceivedMessage): Promise<Receipt> {
    const { limits, flow, flowLimits } = this.#options;
    const called = await this.#called(message.to);
    if (called === null) return refused('unknown-number', `${message.to[0] ?? 'this'} is not a number of this server`);
    if (message.text.length > limits.maxCharacters) {
      const most = `the text has ${message.text.length} characters, more than ${limits.maxCharacters}`;
      return refused('too-long', `${most} (setting limits.max_message_characters)`);
    }
    const { number, application } = called;
    const keyword = keywordOf(message.text);
    const refusal = this.#refusal(message.from, called);
    // Who wants no more messages is heard however many came, but once.
    if (refusal !== null && (keyword?.type !== 'Opt-Out' || (await this.#hasOptedOut(message, called)))) return refusal;
    const settings = flowSettings(number.configuration ?? application.defaultConfiguration, flowLimits);
    const startTimeMs = flow.nowMs();
    const { messageId, isNew } = await this.#store(message, called, keyword, startTimeMs);
    if (!isNew) return { kind: 'taken', messageId };
    const obstacle =
      refusal?.message ??
      (settings === null ? `${number.no} has no callback configured, and neither has its application` : null);
    this.#settle(this.#process({ message, called, keyword, settings, messageId, startTimeMs, obstacle }), messageId);
    if (settings === null && keyword === null) return refused('no-callback', obstacle ?? '');
    return { kind: 'taken', messageId };
  }

  /** Takes no more, gives the flows that run `graceMs`, then ends them. Resolves when all are in the books. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    const timer = setTimeout(() => {
      this.#givesUp = true;
      for (const flow of this.#flows) flow.giveUp(SHUT_DOWN);
    }, graceMs);
    while (this.#arriving.size + this.#settling.size > 0) {
      await Promise.allSettled([...this.#arriving, ...this.#settling]);
    }
    clearTimeout(timer);
  }

  async #called(to: readonly string[]): Promise<Called | null> {
    const { numbers, applications } = this.#options.store;
    for (const no of to) {
      const number = await numbers.get(no);
      const application = number?.appId == null ? null : await applications.get(number.appId);
      if (number !== null && application !== null && number.inboundApi === 'CallFlows') return { number, application };
    }
    return null;
  }

  #refusal(from: string, { number, application }: Called): Extract<Receipt, { kind: 'refused' }> | null {
    const { limits, flow } = this.#options;
    const rate = this.#rates.exceeded(application.appId, from, number.no, flow.nowMs());
    if (rate !== null) return refused('rate', rate);
    if (this.#settling.size < limits.maxFlows) return null;
    return refused('busy', `the flows of ${limits.maxFlows} messages run already (setting limits.max_message_flows)`);
  }

  async #hasOptedOut({ from }: ReceivedMessage, { application }: Called): Promise<boolean> {
    return await this.#options.store.messages.hasOptedOut(application.appId, from);
  }

  async #store(
    { from, text, mediaUrls, origin, externalId }: ReceivedMessage,
    { number, application }: Called,
    keyword: Keyword | null,
    startTimeMs: number,
  ): Promise<{ messageId: string; isNew: boolean }> {
    return await this.#options.store.messages.receive(
      {
        messageId: randomUUID(),
        appId: application.appId,
        callerNo: from,
        apiNo: number.no,
        textMessage: text,
        mediaUrls,
        startTimeMs,
        origin,
        keyword: keyword?.word ?? null,
        externalId,
      },
      keyword === null ? null : CONSENT[keyword.type],
    );
  }

  #settle(work: Promise<void>, messageId: string): void {
    const settled = work
      .catch((error: unknown) => this.#options.flow.onDefect(messageId, error))
      .finally(() => this.#settling.delete(settled));
    this.#settling.add(settled);
  }

  /** Answers the keyword, runs the flow, and writes how it ended. */
  async #process({ message, called, keyword, settings, messageId, startTimeMs, obstacle }: Processing): Promise<void> {
    const { store, flow } = this.#options;
    const log = new CallLog(messageId, store.events);
    const info = await this.#info(message, called, messageId, startTimeMs);
    if (keyword !== null) this.#settle(this.#autoReply(keyword, info, log), messageId);
    if (settings === null || obstacle !== null) {
      log.note('event', 'error', { message: obstacle ?? '' }, flow.nowMs());
      // A keyword has had its effect, whether there is a flow or not.
      const status = keyword === null ? 'failed' : 'completed';
      await this.#finish(messageId, { status, error: obstacle, endTimeMs: flow.nowMs() });
      return;
    }
    const running = new MessageFlow(info, log, flow);
    this.#flows.add(running);
    try {
      const incoming = incomingMessage(message, called, keyword);
      const ended = running.run({
        type: 'start',
        settings,
        sessionData: null,
        seed: randomInt(2 ** 31),
        message: incoming,
      });
      // It was on its way when the others were given up.
      if (this.#givesUp) running.giveUp(SHUT_DOWN);
      const { status, error, endTimeMs } = await ended;
      await this.#finish(messageId, { status, error, endTimeMs });
    } finally {
      this.#flows.delete(running);
    }
  }

  /** A database that is away is waited for: what has run must not look as if it ran still. */
  async #finish(messageId: string, ending: MessageEnding): Promise<void> {
    await patiently(() => this.#options.store.messages.finish(messageId, ending), { whileAway: true });
  }

  async #info(
    { from, sipForwardedFor }: ReceivedMessage,
    { number, application }: Called,
    messageId: string,
    startTimeMs: number,
  ): Promise<CallInfo> {
    const { places } = this.#options;
    const [callerPlace, apiPlace] = await Promise.all([places.of(from), places.ofOwn(number)]);
    const configuration = number.configuration ?? application.defaultConfiguration;
    return {
      callId: messageId,
      appId: application.appId,
      subaccountId: '0',
      direction: 'inbound',
      callerNo: from,
      callerPlace,
      apiNo: number.no,
      apiPlace,
      startTimeMs,
      customData: (configuration?.custom_data ?? null) as CallInfo['customData'],
      sipDomain: application.sipDomain,
      sipForwardedFor,
    };
  }

  /** The house's own answer to a keyword: that to an opt-out is the last thing the sender gets. */
  async #autoReply({ type }: Keyword, { appId, apiNo, callerNo, callId }: CallInfo, log: CallLog): Promise<void> {
    const { autoReplies, flow } = this.#options;
    const text = autoReplies[type];
    if (text === null) return;
    const note = (message: string, kind: 'progress' | 'error') =>
      log.note('event', kind, { message, path: null, action: null }, flow.nowMs());
    try {
      const request = { appId, from: apiNo, to: callerNo, text, mediaUrls: [] };
      await flow.messages.send(request, { callId, isKeywordReply: true });
      note(`answered to the keyword: ${text}`, 'progress');
    } catch (error) {
      if (!(error instanceof MessageNotSent)) throw error;
      note(`the answer to the keyword could not be sent: ${error.message}`, 'error');
    }
  }
}

interface Processing {
  message: ReceivedMessage;
  called: Called;
  keyword: Keyword | null;
  /** Null: the number has no callback. */
  settings: FlowSettings | null;
  messageId: string;
  startTimeMs: number;
  /** Why no flow is run; null: it is. */
  obstacle: string | null;
}

function incomingMessage(
  { text, mediaUrls }: ReceivedMessage,
  { number }: Called,
  keyword: Keyword | null,
): IncomingMessage {
  return {
    type: mediaUrls.length === 0 ? 'sms' : 'mms',
    text,
    media: mediaUrls.map((url) => ({ url, content_type: '' })),
    keyword,
    apiRateCenter: number.rateCenter ?? '',
  };
}

function refused(
  why: Extract<Receipt, { kind: 'refused' }>['why'],
  message: string,
): Extract<Receipt, { kind: 'refused' }> {
  return { kind: 'refused', why, message };
}
