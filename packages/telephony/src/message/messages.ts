import type { Application, Store } from '@voxology/store';
import { toE164 } from '../number/e164.ts';
import { RateLimit } from '../outbound/rate-limit.ts';
import { MessageNotSent, type MessageProvider, type Note } from './message-provider.ts';
import type { NumberRecipient, Recipients, UserRecipient } from './recipients.ts';

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

export interface MessagesOptions {
  store: Pick<Store, 'applications' | 'numbers' | 'sipUsers'>;
  recipients: Pick<Recipients, 'of'>;
  defaultCountry: string;
  users: MessageProvider<UserRecipient>;
  /** Null: messages stay in the house. */
  numbers: MessageProvider<NumberRecipient> | null;
  /** Of one application, all of them at once if it likes. */
  perMinute: number;
  nowMs(): number;
}

/** Sends text messages: to SIP users of ours through their phones, to everybody else through a provider. */
export class Messages {
  readonly #options: MessagesOptions;
  /** By application. */
  readonly #rates = new Map<string, RateLimit>();

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the numbers as they were used, when the message was taken. Rejects with {@link MessageNotSent}.
   * `note` is given a line for each try, which holds no secret.
   */
  async send(request: MessageRequest, note: Note = () => undefined): Promise<{ from: string; to: string }> {
    const { text, mediaUrls } = request;
    const { application, from } = await this.#sender(request);
    const { sipDomain } = application;
    this.#count(application);
    const to = await this.#options.recipients.of(request.to, sipDomain);
    if (to.kind === 'user') {
      await this.#options.users.send({ from, sipDomain, to, text, mediaUrls }, note);
      return { from, to: to.user.no };
    }
    const { numbers } = this.#options;
    if (numbers === null) {
      throw new MessageNotSent(
        'no-provider',
        `Nobody carries messages to ${to.no}: this server has no message provider (setting messages.provider)`,
      );
    }
    await numbers.send({ from, sipDomain, to, text, mediaUrls }, note);
    return { from, to: to.no };
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
