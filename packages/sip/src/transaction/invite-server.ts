import {
  endAfter,
  PASS,
  RESEND,
  repeat,
  SEND,
  STOP_REPEAT,
  type Step,
  type Surroundings,
  stay,
  TIMEOUT,
  TRANSPORT_FAILED,
} from './machine.ts';
import { giveUpMs } from './timer-values.ts';

// The INVITE server transaction: RFC 3261 §17.2.1, with the Accepted state of RFC 6026 §7.1.

export type InviteServerState = 'proceeding' | 'accepted' | 'completed' | 'confirmed';

export type InviteServerEvent =
  /** A retransmission of the INVITE came. */
  | 'INVITE'
  | 'ACK'
  /** The user sends a response. */
  | 'send 1xx'
  | 'send 2xx'
  | 'send 300-699'
  | 'timer G'
  | 'timer H'
  | 'timer I'
  | 'timer L'
  | 'transport error';

type Of = Step<InviteServerState>;

/** `intervalMs` is the retransmission interval that has just run out (timer G). */
export function inviteServer(
  state: InviteServerState,
  event: InviteServerEvent,
  intervalMs: number,
  around: Surroundings,
): Of {
  switch (state) {
    case 'proceeding':
      return proceeding(event, around);
    case 'accepted':
      return accepted(event);
    case 'completed':
      return completed(event, intervalMs, around);
    case 'confirmed':
      return confirmed(event);
  }
}

// RFC 6026 §8.7: a response that could not be sent never ends the transaction; a retransmission may yet get through.

function proceeding(event: InviteServerEvent, around: Surroundings): Of {
  const { timers, reliable } = around;
  switch (event) {
    case 'INVITE':
      return { next: 'proceeding', actions: [RESEND] };
    case 'send 1xx':
      return { next: 'proceeding', actions: [SEND] };
    case 'send 2xx':
      return { next: 'accepted', actions: [endAfter('L', giveUpMs(timers)), SEND] };
    case 'send 300-699': {
      const end = endAfter('H', giveUpMs(timers));
      return { next: 'completed', actions: reliable ? [end, SEND] : [repeat('G', timers.t1Ms), end, SEND] };
    }
    case 'transport error':
      return { next: 'proceeding', actions: [TRANSPORT_FAILED] };
    default:
      return stay('proceeding');
  }
}

function accepted(event: InviteServerEvent): Of {
  switch (event) {
    // The user retransmits its 2xx until the ACK, so a copy of the INVITE needs no answer of the transaction.
    case 'send 2xx':
      return { next: 'accepted', actions: [SEND] };
    case 'ACK':
      return { next: 'accepted', actions: [PASS] };
    case 'timer L':
      return { next: 'terminated', actions: [] };
    case 'transport error':
      return { next: 'accepted', actions: [TRANSPORT_FAILED] };
    default:
      return stay('accepted');
  }
}

function completed(event: InviteServerEvent, intervalMs: number, around: Surroundings): Of {
  const { timers, reliable } = around;
  switch (event) {
    case 'INVITE':
      return { next: 'completed', actions: [RESEND] };
    case 'timer G':
      return { next: 'completed', actions: [repeat('G', Math.min(2 * intervalMs, timers.t2Ms)), RESEND] };
    case 'ACK':
      // Timer I is zero on a reliable transport: the transaction ends at once.
      if (reliable) return { next: 'terminated', actions: [] };
      return { next: 'confirmed', actions: [STOP_REPEAT, endAfter('I', timers.t4Ms)] };
    case 'timer H':
      return { next: 'terminated', actions: [TIMEOUT] };
    case 'transport error':
      return { next: 'completed', actions: [TRANSPORT_FAILED] };
    default:
      return stay('completed');
  }
}

function confirmed(event: InviteServerEvent): Of {
  return event === 'timer I' ? { next: 'terminated', actions: [] } : stay('confirmed');
}
