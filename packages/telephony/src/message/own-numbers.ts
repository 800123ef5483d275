import type { Inbox } from './inbox.ts';
import { MessageNotSent, type MessageProvider, type TextMessage } from './message-provider.ts';
import type { OwnNumberRecipient } from './recipients.ts';

/** Messages from one of our numbers to another: they never leave the house. */
export class OwnNumbers implements MessageProvider<OwnNumberRecipient> {
  readonly #inbox: () => Pick<Inbox, 'receive'>;

  /** `inbox`: asked for with each message, since the inbox has flows that send some. */
  constructor(inbox: () => Pick<Inbox, 'receive'>) {
    this.#inbox = inbox;
  }

  async send({ from, to, text, mediaUrls }: TextMessage<OwnNumberRecipient>): Promise<void> {
    const receipt = await this.#inbox().receive({
      from,
      to: [to.no],
      text,
      mediaUrls,
      origin: 'on-net',
      externalId: null,
      sipForwardedFor: '',
    });
    if (receipt.kind === 'refused') throw new MessageNotSent('not-taken', receipt.message);
  }
}
