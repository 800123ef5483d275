import { describe, expect, it } from 'vitest';
import { type NonInviteClientEvent, type NonInviteClientState, nonInviteClient } from './non-invite-client.ts';
import { DEFAULT_TIMERS } from './timer-values.ts';

const udp = { timers: DEFAULT_TIMERS, reliable: false };
const tcp = { timers: DEFAULT_TIMERS, reliable: true };

function outcome(state: NonInviteClientState, event: NonInviteClientEvent, around = udp, intervalMs = 0): string {
  const { next, actions } = nonInviteClient(state, event, intervalMs, around);
  const words = actions.map((action) => {
    if (action.do === 'repeat' || action.do === 'end-after') return `${action.timer}=${action.ms}`;
    return action.do === 'report' ? action.failure : action.do;
  });
  return [next, ...words].join(' ');
}

describe('the non-INVITE client transaction (RFC 3261 §17.1.2)', () => {
  it('sends the request and arms E and F over UDP, F alone over TCP', () => {
    expect(outcome('trying', 'start')).toBe('trying E=500 F=32000 send');
    expect(outcome('trying', 'start', tcp)).toBe('trying F=32000 send');
  });

  it('doubles timer E up to T2', () => {
    expect(outcome('trying', 'timer E', udp, 500)).toBe('trying E=1000 resend');
    expect(outcome('trying', 'timer E', udp, 2000)).toBe('trying E=4000 resend');
    expect(outcome('trying', 'timer E', udp, 4000)).toBe('trying E=4000 resend');
  });

  it('goes on retransmitting every T2 after a provisional response', () => {
    expect(outcome('trying', '1xx')).toBe('proceeding pass');
    expect(outcome('proceeding', '1xx')).toBe('proceeding pass');
    expect(outcome('proceeding', 'timer E', udp, 500)).toBe('proceeding E=4000 resend');
  });

  it.each(['trying', 'proceeding'] as const)('ends %s by a final response, timer F or a transport error', (state) => {
    expect(outcome(state, '200-699')).toBe('completed stop-repeat K=5000 pass');
    expect(outcome(state, '200-699', tcp)).toBe('terminated pass');
    expect(outcome(state, 'timer F')).toBe('terminated timeout');
    expect(outcome(state, 'transport error')).toBe('terminated transport');
  });

  it('absorbs copies until timer K', () => {
    expect(outcome('completed', '200-699')).toBe('completed');
    expect(outcome('completed', '1xx')).toBe('completed');
    expect(outcome('completed', 'timer F')).toBe('completed');
    expect(outcome('completed', 'timer K')).toBe('terminated');
  });

  it('ignores timers that belong to other states', () => {
    expect(outcome('trying', 'timer K')).toBe('trying');
    expect(outcome('proceeding', 'timer K')).toBe('proceeding');
  });
});
