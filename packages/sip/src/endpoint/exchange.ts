import type { SipRequest, SipResponse } from '../message/message.ts';
import type { Way } from '../transaction/client-transaction.ts';
import { type Authorizer, ChallengeBudget } from './authorizer.ts';
import type { Core } from './core.ts';

/** How a request other than INVITE ended. */
export type ExchangeResult =
  | { readonly ok: true; readonly response: SipResponse }
  | { readonly ok: false; readonly why: 'timeout' | 'transport' };

/**
 * Sends a request other than INVITE and waits for its final response; a challenge is answered once. `make` builds the
 * request, and builds it anew, with the next CSeq, after a challenge.
 */
export function exchange(
  core: Core,
  make: () => SipRequest,
  way: () => Way | undefined,
  authorizer: Authorizer | undefined,
  done: (result: ExchangeResult) => void,
): void {
  const budget = new ChallengeBudget(authorizer);
  const attempt = () => {
    const taken = way();
    if (taken === undefined) {
      queueMicrotask(() => done({ ok: false, why: 'transport' }));
      return;
    }
    const request = make();
    authorizer?.authorize(request);
    core.layer.send(request, taken, {
      response: ({ response }) => {
        if (response.status < 200) return;
        if (budget.take(response)) attempt();
        else done({ ok: true, response });
      },
      failed: (why) => done({ ok: false, why }),
    });
  };
  attempt();
}
