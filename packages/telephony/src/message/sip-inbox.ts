import type { Peer, SipRequest } from '@voxology/sip';
import type { Identifier } from '../inbound/identify.ts';
import { calledNumbers, callerNumber } from '../inbound/parties.ts';
import type { SipAnswer } from '../inbound/registrations.ts';
import type { Inbox, Receipt } from './inbox.ts';

export interface SipInboxOptions {
  identifier: Pick<Identifier, 'caller'>;
  inbox: Pick<Inbox, 'receive'>;
  defaultCountry: string;
}

/** Takes MESSAGE requests (RFC 3428) of SIP users and trunks for our numbers. */
export class SipInbox {
  readonly #options: SipInboxOptions;

  constructor(options: SipInboxOptions) {
    this.#options = options;
  }

  /** The response; a stranger gets the same challenge whatever it asks for. Rejects when the store fails. */
  async take(request: SipRequest, source: Peer): Promise<SipAnswer> {
    const { identifier, inbox, defaultCountry } = this.#options;
    const identity = await identifier.caller({ request, source });
    if (identity.kind === 'challenge') {
      return { status: 401, headers: identity.challenges.map((value) => ['WWW-Authenticate', value]) };
    }
    if (identity.kind === 'forbidden') return { status: 403, reason: identity.reason };
    const text = plainText(request);
    if (text === null) return { status: 415, headers: [['Accept', 'text/plain']] };
    const receipt = await inbox.receive({
      from: callerNumber(request, identity, defaultCountry),
      to: calledNumbers(request, identity, defaultCountry),
      text,
      mediaUrls: [],
      origin: 'sip',
      externalId: null,
      sipForwardedFor: source.address,
    });
    return receipt.kind === 'taken' ? { status: 200 } : REFUSALS[receipt.why];
  }
}

const REFUSALS: Readonly<Record<Extract<Receipt, { kind: 'refused' }>['why'], SipAnswer>> = {
  'unknown-number': { status: 404 },
  'no-callback': { status: 480, reason: 'No callback configured' },
  'too-long': { status: 413 },
  rate: { status: 480, reason: 'Too many messages', headers: [['Retry-After', '60']] },
  busy: { status: 503, headers: [['Retry-After', '10']] },
  'shutting-down': { status: 503, headers: [['Retry-After', '10']] },
};

/** The text of a message; null for a body that is none, or in an encoding that we do not have. */
function plainText({ headers, body }: SipRequest): string | null {
  const [mediaType = '', ...params] = (headers.get('Content-Type') ?? 'text/plain').split(';');
  if (mediaType.trim().toLowerCase() !== 'text/plain') return null;
  const coding = headers.get('Content-Encoding')?.trim().toLowerCase() ?? 'identity';
  if (coding !== 'identity') return null;
  const charset = params.map((param) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/i.exec(param)?.[1]).find(Boolean);
  try {
    return new TextDecoder(charset ?? 'utf-8').decode(body);
  } catch {
    return null;
  }
}
