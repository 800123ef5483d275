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

// The non-INVITE client transaction: RFC 3261 §17.1.2.

export type NonInviteClientState = 'trying' | 'proceeding' | 'completed';

export type NonInviteClientEvent = 'start' | '1xx' | '200-699' | 'timer E' | 'timer F' | 'timer K' | 'transport error';

type Of = Step<NonInviteClientState>;

/** `intervalMs` is the retransmission interval that has just run out (timer E). */
export function nonInviteClient(
  state: NonInviteClientState,
  event: NonInviteClientEvent,
  intervalMs: number,
  around: Surroundings,
): Of {
  switch (state) {
    case 'trying':
      return trying(event, intervalMs, around);
    case 'proceeding':
      return proceeding(event, around);
    case 'completed':
      return completed(event);
  }
}

function trying(event: NonInviteClientEvent, intervalMs: number, around: Surroundings): Of {
  const { timers, reliable } = around;
  switch (event) {
    case 'start': {
      const end = endAfter('F', giveUpMs(timers));
      return { next: 'trying', actions: reliable ? [end, SEND] : [repeat('E', timers.t1Ms), end, SEND] };
    }
    case 'timer E':
      return { next: 'trying', actions: [repeat('E', Math.min(2 * intervalMs, timers.t2Ms)), RESEND] };
    case '1xx':
      return { next: 'proceeding', actions: [PASS] };
    default:
      return whileWaiting('trying', event, around);
  }
}

function proceeding(event: NonInviteClientEvent, around: Surroundings): Of {
  switch (event) {
    case 'timer E':
      return { next: 'proceeding', actions: [repeat('E', around.timers.t2Ms), RESEND] };
    case '1xx':
      return { next: 'proceeding', actions: [PASS] };
    default:
      return whileWaiting('proceeding', event, around);
  }
}

function whileWaiting(state: 'trying' | 'proceeding', event: NonInviteClientEvent, around: Surroundings): Of {
  switch (event) {
    case '200-699':
      // Timer K is zero on a reliable transport: the transaction ends at once.
      if (around.reliable) return { next: 'terminated', actions: [PASS] };
      return { next: 'completed', actions: [STOP_REPEAT, endAfter('K', around.timers.t4Ms), PASS] };
    case 'timer F':
      return { next: 'terminated', actions: [TIMEOUT] };
    case 'transport error':
      return { next: 'terminated', actions: [TRANSPORT_FAILED] };
    default:
      return stay(state);
  }
}

function completed(event: NonInviteClientEvent): Of {
  return event === 'timer K' ? { next: 'terminated', actions: [] } : stay('completed');
}
