import { randomUUID } from 'node:crypto';
import { OPTED_OUT } from '@voxology/callflow';
import type { Application, OutboundMessage, Store } from '@voxology/store';
import { patiently } from '../call/patience.ts';
import { toE164 } from '../number/e164.ts';
import { RateLimit } from '../outbound/rate-limit.ts';
import { MessageNotSent, type MessageProvider, type Note, type TextMessage } from './message-provider.ts';
import type { NumberRecipient, OwnNumberRecipient, Recipient, Recipients, UserRecipient } from './recipients.ts';

/** A text message of an application, as it was asked for. */
export interface MessageRequest {
  appId: string;
  /** A number of the application. */
  from: string;
  /** E.164 number, SIP user or `sip:` URI of one. */
  to: string;
  text: string;
  mediaUrls: readonly string[];
}

/** For whom a message is sent, when it is not the REST API. */
export interface SentFor {
  /** The call or the message whose flow sends it. */
  callId: string;
  /** Given a line for each try, which holds no secret. */
  note?: Note;
  /** The house's own answer to a keyword, which goes to those who have just opted out, too. */
  isKeywordReply?: true;
}

export interface MessagesOptions {
  store: Pick<Store, 'applications' | 'numbers' | 'sipUsers' | 'messages'>;
  recipients: Pick<Recipients, 'of'>;
  defaultCountry: string;
  users: MessageProvider<UserRecipient>;
  ownNumbers: MessageProvider<OwnNumberRecipient>;
  /** Null: messages stay in the house. */
  numbers: MessageProvider<NumberRecipient> | null;
  /** Of one application, all of them at once if it likes. */
  perMinute: number;
  nowMs(): number;
  /** A message that is sent, and cannot be written down. */
  onError(messageId: string, error: unknown): void;
}

/** Sends text messages: to SIP users of ours through their phones, to everybody else through a provider. */
export class Messages {
  readonly #options: MessagesOptions;
  /** By application. */
  readonly #rates = new Map<string, RateLimit>();
  readonly #recording = new Set<Promise<void>>();

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the numbers as they were used, when the message was taken. Rejects with {@link MessageNotSent}. What was
   * tried is in the history, whatever became of it.
   */
  async send(request: MessageRequest, sentFor: SentFor | null = null): Promise<{ from: string; to: string }> {
    const { text, mediaUrls } = request;
    const { application, from } = await this.#sender(request);
    const { appId, sipDomain } = application;
    this.#count(application);
    const to = await this.#options.recipients.of(request.to, sipDomain);
    const no = to.kind === 'user' ? to.user.no : to.no;
    const startTimeMs = this.#options.nowMs();
    const record = (status: OutboundMessage['status'], error: string | null) =>
      this.#record({
        messageId: randomUUID(),
        appId,
        callerNo: no,
        apiNo: from,
        textMessage: text,
        mediaUrls,
        startTimeMs,
        origin: sentFor === null ? 'api' : 'flow',
        status,
        error,
        callId: sentFor?.callId ?? null,
        endTimeMs: this.#options.nowMs(),
      });
    try {
      if (sentFor?.isKeywordReply !== true && (await this.#options.store.messages.hasOptedOut(appId, no))) {
        throw new MessageNotSent('opt-out', OPTED_OUT);
      }
      await this.#carry({ from, sipDomain, to, text, mediaUrls }, sentFor?.note ?? (() => undefined));
    } catch (error) {
      if (error instanceof MessageNotSent) record(error.kind === 'opt-out' ? 'opt-out' : 'failed', error.message);
      throw error;
    }
    record('sent', null);
    return { from, to: no };
  }

  /** Resolves when what was tried until now is in the history. */
  async settled(): Promise<void> {
    await Promise.all(this.#recording);
  }

  async #carry(message: TextMessage<Recipient>, note: Note): Promise<void> {
    const { users, ownNumbers, numbers } = this.#options;
    const { to } = message;
    switch (to.kind) {
      case 'user':
        await users.send({ ...message, to }, note);
        return;
      case 'own-number':
        await ownNumbers.send({ ...message, to }, note);
        return;
      case 'number': {
        if (numbers === null) {
          throw new MessageNotSent(
            'no-provider',
            `Nobody carries messages to ${to.no}: this server has no message provider (setting messages.provider)`,
          );
        }
        await numbers.send({ ...message, to }, note);
      }
    }
  }

  /** Whoever sends does not wait for it. */
  #record(message: OutboundMessage): void {
    const { store, onError } = this.#options;
    const recorded = patiently(() => store.messages.add(message), { whileAway: true })
      .catch((error: unknown) => onError(message.messageId, error))
      .finally(() => this.#recording.delete(recorded));
    this.#recording.add(recorded);
  }

  /** A flow that goes round and round must not flood phones, nor run up the bill of a provider. */
  #count({ appId }: Application): void {
    const { perMinute, nowMs } = this.#options;
    let rate = this.#rates.get(appId);
    if (rate === undefined) {
      rate = new RateLimit({ perSecond: perMinute / 60, burst: perMinute }, nowMs());
      this.#rates.set(appId, rate);
    }
    if (rate.take(nowMs())) return;
    throw new MessageNotSent(
      'rate',
      `More than ${perMinute} messages in a minute (setting limits.max_messages_per_minute)`,
    );
  }

  /** Nobody sends from numbers that are not theirs. */
  async #sender({ appId, from }: MessageRequest): Promise<{ application: Application; from: string }> {
    const { store, defaultCountry } = this.#options;
    const no = toE164(from, defaultCountry);
    const [application, number, user] = await Promise.all([
      store.applications.get(appId),
      no === null ? null : store.numbers.get(no),
      no === null ? null : store.sipUsers.byNumber(no),
    ]);
    if (application === null || no === null || (number?.appId !== appId && user?.appId !== appId)) {
      throw new MessageNotSent('sender', `${from} is not a number of this application`);
    }
    return { application, from: no };
  }
}
