import type { EndStatus, HangupEnd } from '@voxology/callflow';

/**
 * How a call that was never answered ended, from the final SIP response (null: none came), and who ended it: the callee
 * by a response, we when we waited for one in vain.
 * Design, the life of a call: 486 and 600 are `busy`; 408, 480 and no response `no-answer`; 487 `canceled`; all else
 * `failed` with the code in `error`.
 */
export function outcomeOf(
  status: number | null,
  reason: string,
): { status: EndStatus; by: HangupEnd; error: string | null } {
  switch (status) {
    case 486:
    case 600:
      return { status: 'busy', by: 'caller', error: null };
    case null:
      return { status: 'no-answer', by: 'api', error: reason };
    case 408:
    case 480:
      return { status: 'no-answer', by: 'caller', error: null };
    case 487:
      return { status: 'canceled', by: 'caller', error: null };
    default:
      return { status: 'failed', by: 'caller', error: `SIP ${status} ${reason}` };
  }
}
