import type { Egress, EgressResponse } from '@voxology/egress';
import { MessageNotSent, type MessageProvider, type Note, type TextMessage } from './message-provider.ts';
import type { NumberRecipient } from './recipients.ts';

export interface HttpMessagesOptions {
  /** Gets a POST for each message. */
  url: string;
  /** Sent with each; its value is a secret. */
  header: { name: string; value: string } | null;
}

const MOST_ANSWER_BYTES = 65_536;
const SHOWN_CHARACTERS = 200;

/**
 * Messages to numbers, handed to a server of the operator's choice: a POST of `{from, to, text, media_urls}`, which takes
 * the message with any 2xx. Sent once: what was taken twice would arrive twice.
 */
export class HttpMessages implements MessageProvider<NumberRecipient> {
  readonly #egress: Pick<Egress, 'request'>;
  readonly #options: HttpMessagesOptions;

  constructor(egress: Pick<Egress, 'request'>, options: HttpMessagesOptions) {
    this.#egress = egress;
    this.#options = options;
  }

  async send({ from, to, text, mediaUrls }: TextMessage<NumberRecipient>, note: Note): Promise<void> {
    const { url, header } = this.#options;
    let response: EgressResponse;
    try {
      response = await this.#egress.request({
        method: 'POST',
        url,
        headers: { 'Content-Type': 'application/json', ...(header === null ? {} : { [header.name]: header.value }) },
        body: JSON.stringify({ from, to: to.no, text, media_urls: mediaUrls }),
        retries: 0,
        // The header is for this server alone.
        maxRedirects: 0,
        maxResponseBytes: MOST_ANSWER_BYTES,
        // The address is the operator's, not the flow author's, and may hold a key.
        onAttempt: ({ status, durationMs, errorCode }) =>
          note('http', 'attempt', { action: 'SMS', method: 'POST', status, durationMs, errorCode }),
      });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'failed';
      throw new MessageNotSent('not-taken', `the message provider gave no answer (${code})`);
    }
    const { status, body } = response;
    if (status >= 200 && status < 300) return;
    throw new MessageNotSent('not-taken', `the message provider answered ${status}${this.#shown(body)}`);
  }

  /** What the answer says, for people; a server that tells what it was sent does not tell our secret. */
  #shown(body: Uint8Array): string {
    const secret = this.#options.header?.value ?? '';
    const whole = new TextDecoder().decode(body);
    const text = (secret === '' ? whole : whole.replaceAll(secret, '…')).replace(/\s+/g, ' ').trim();
    return text === '' ? '' : `: ${text.slice(0, SHOWN_CHARACTERS)}`;
  }
}
