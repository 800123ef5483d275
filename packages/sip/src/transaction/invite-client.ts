import {
  ACK,
  endAfter,
  PASS,
  RESEND,
  repeat,
  SEND,
  STOP_END,
  STOP_REPEAT,
  type Step,
  type Surroundings,
  stay,
  TIMEOUT,
  TRANSPORT_FAILED,
} from './machine.ts';
import { giveUpMs, timerDMs } from './timer-values.ts';

// The INVITE client transaction: RFC 3261 §17.1.1, with the Accepted state of RFC 6026 §7.2.

export type InviteClientState = 'calling' | 'proceeding' | 'accepted' | 'completed';

export type InviteClientEvent =
  | 'start'
  | '1xx'
  | '2xx'
  | '300-699'
  | 'timer A'
  | 'timer B'
  | 'timer D'
  | 'timer M'
  | 'transport error';

type Of = Step<InviteClientState>;

/** `intervalMs` is the retransmission interval that has just run out (timer A). */
export function inviteClient(
  state: InviteClientState,
  event: InviteClientEvent,
  intervalMs: number,
  around: Surroundings,
): Of {
  switch (state) {
    case 'calling':
      return calling(event, intervalMs, around);
    case 'proceeding':
      return proceeding(event, around);
    case 'accepted':
      return accepted(event);
    case 'completed':
      return completed(event);
  }
}

function calling(event: InviteClientEvent, intervalMs: number, around: Surroundings): Of {
  const { timers, reliable } = around;
  switch (event) {
    case 'start': {
      const end = endAfter('B', giveUpMs(timers));
      return { next: 'calling', actions: reliable ? [end, SEND] : [repeat('A', timers.t1Ms), end, SEND] };
    }
    case 'timer A':
      return { next: 'calling', actions: [repeat('A', 2 * intervalMs), RESEND] };
    case 'timer B':
      return { next: 'terminated', actions: [TIMEOUT] };
    case '1xx':
      return { next: 'proceeding', actions: [STOP_REPEAT, STOP_END, PASS] };
    case '2xx':
      return accept(around);
    case '300-699':
      return complete(around);
    case 'transport error':
      return { next: 'terminated', actions: [TRANSPORT_FAILED] };
    default:
      return stay('calling');
  }
}

function proceeding(event: InviteClientEvent, around: Surroundings): Of {
  switch (event) {
    case '1xx':
      return { next: 'proceeding', actions: [PASS] };
    case '2xx':
      return accept(around);
    case '300-699':
      return complete(around);
    default:
      return stay('proceeding');
  }
}

function accepted(event: InviteClientEvent): Of {
  switch (event) {
    // Every 2xx goes up: the user answers a retransmitted one with its ACK, one from another fork with ACK and BYE.
    case '2xx':
      return { next: 'accepted', actions: [PASS] };
    case 'timer M':
      return { next: 'terminated', actions: [] };
    default:
      return stay('accepted');
  }
}

function completed(event: InviteClientEvent): Of {
  switch (event) {
    case '300-699':
      return { next: 'completed', actions: [ACK] };
    case 'timer D':
      return { next: 'terminated', actions: [] };
    case 'transport error':
      return { next: 'terminated', actions: [TRANSPORT_FAILED] };
    default:
      return stay('completed');
  }
}

function accept(around: Surroundings): Of {
  return { next: 'accepted', actions: [STOP_REPEAT, endAfter('M', giveUpMs(around.timers)), PASS] };
}

function complete(around: Surroundings): Of {
  // Timer D is zero on a reliable transport: the transaction ends at once.
  if (around.reliable) return { next: 'terminated', actions: [ACK, PASS] };
  return { next: 'completed', actions: [STOP_REPEAT, endAfter('D', timerDMs(around.timers)), ACK, PASS] };
}
