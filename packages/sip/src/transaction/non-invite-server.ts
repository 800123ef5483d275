import { endAfter, RESEND, SEND, type Step, type Surroundings, stay, TRANSPORT_FAILED } from './machine.ts';
import { giveUpMs } from './timer-values.ts';

// The non-INVITE server transaction: RFC 3261 §17.2.2.

export type NonInviteServerState = 'trying' | 'proceeding' | 'completed';

export type NonInviteServerEvent =
  /** A retransmission of the request came. */
  'request' | 'send 1xx' | 'send 200-699' | 'timer J' | 'transport error';

type Of = Step<NonInviteServerState>;

export function nonInviteServer(state: NonInviteServerState, event: NonInviteServerEvent, around: Surroundings): Of {
  switch (state) {
    case 'trying':
      return event === 'request' ? stay('trying') : answering('trying', event, around);
    case 'proceeding':
      return event === 'request' ? { next: 'proceeding', actions: [RESEND] } : answering('proceeding', event, around);
    case 'completed':
      return completed(event);
  }
}

function answering(state: 'trying' | 'proceeding', event: NonInviteServerEvent, around: Surroundings): Of {
  switch (event) {
    case 'send 1xx':
      return { next: 'proceeding', actions: [SEND] };
    case 'send 200-699':
      // Timer J is zero on a reliable transport: the transaction ends at once.
      if (around.reliable) return { next: 'terminated', actions: [SEND] };
      return { next: 'completed', actions: [endAfter('J', giveUpMs(around.timers)), SEND] };
    case 'transport error':
      return { next: state, actions: [TRANSPORT_FAILED] };
    default:
      return stay(state);
  }
}

function completed(event: NonInviteServerEvent): Of {
  switch (event) {
    case 'request':
      return { next: 'completed', actions: [RESEND] };
    case 'timer J':
      return { next: 'terminated', actions: [] };
    case 'transport error':
      return { next: 'completed', actions: [TRANSPORT_FAILED] };
    default:
      return stay('completed');
  }
}
