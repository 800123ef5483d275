import type { Binding, ExchangeResult, Peer, SipEndpoint } from '@voxology/sip';
import { addressOfUser } from '../outbound/destination.ts';
import { MessageNotSent, type MessageProvider, type Note, type TextMessage } from './message-provider.ts';
import type { UserRecipient } from './recipients.ts';

/**
 * A request over UDP may have 1300 bytes (RFC 3428 §8): it would be cut into pieces, of which one lost loses all. The rest
 * is for its headers.
 */
const MOST_UDP_BYTES = 850;

/** Messages to SIP users of ours, as MESSAGE requests to all phones that are registered (RFC 3428). */
export class SipMessages implements MessageProvider<UserRecipient> {
  readonly #endpoint: Pick<SipEndpoint, 'request'>;

  constructor(endpoint: Pick<SipEndpoint, 'request'>) {
    this.#endpoint = endpoint;
  }

  async send(message: TextMessage<UserRecipient>, note: Note): Promise<void> {
    const { user, bindings } = message.to;
    if (bindings.length === 0) {
      throw new MessageNotSent('not-taken', `No phone is registered for SIP user ${user.username}`);
    }
    // Whoever cannot be shown a picture can still be given its address.
    const body = [message.text, ...message.mediaUrls].filter((line) => line !== '').join('\n');
    const faults = await Promise.all(bindings.map((binding) => this.#sendTo(binding, message, body, note)));
    if (faults.every((fault) => fault !== null)) throw new MessageNotSent('not-taken', faults.join('; '));
  }

  /** Null, or why that phone has not taken it. */
  async #sendTo(
    binding: Binding,
    { from, sipDomain, to }: TextMessage<UserRecipient>,
    body: string,
    note: Note,
  ): Promise<string | null> {
    const { uri, path, source } = binding;
    const destination = source as Peer;
    const bytes = Buffer.byteLength(body);
    if (destination.protocol === 'udp' && bytes > MOST_UDP_BYTES) {
      return `the text has ${bytes} bytes, and a phone that is registered over UDP takes ${MOST_UDP_BYTES}: use TCP`;
    }
    let result: ExchangeResult;
    try {
      result = await this.#endpoint.request({
        method: 'MESSAGE',
        uri,
        destination,
        from: `<sip:${from}@${sipDomain}>`,
        to: `<${addressOfUser(to.user)}>`,
        headers: [
          ...path.map((value): [string, string] => ['Route', value]),
          ['Content-Type', 'text/plain;charset=utf-8'],
        ],
        body,
      });
    } catch (error) {
      return `the message cannot be written: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (!result.ok) {
      note('sip', 'message', { uri, status: null });
      return result.why === 'timeout' ? 'the phone does not answer' : 'the phone cannot be reached';
    }
    const { status, reason } = result.response;
    note('sip', 'message', { uri, status });
    return status < 300 ? null : `the phone answered ${status} ${reason}`;
  }
}
