import type { EndStatus } from '@voxology/callflow';

/**
 * How a call that was never answered ended, from the final SIP response (null: none came).
 * Design, the life of a call: 486 and 600 are `busy`; 408, 480 and no response `no-answer`; 487 `canceled`; all else
 * `failed` with the code in `error`.
 */
export function outcomeOf(status: number | null, reason: string): { status: EndStatus; error: string | null } {
  switch (status) {
    case 486:
    case 600:
      return { status: 'busy', error: null };
    case null:
      return { status: 'no-answer', error: reason };
    case 408:
    case 480:
      return { status: 'no-answer', error: null };
    case 487:
      return { status: 'canceled', error: null };
    default:
      return { status: 'failed', error: `SIP ${status} ${reason}` };
  }
}
