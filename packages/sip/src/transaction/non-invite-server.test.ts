import { describe, expect, it } from 'vitest';
import { type NonInviteServerEvent, type NonInviteServerState, nonInviteServer } from './non-invite-server.ts';
import { DEFAULT_TIMERS } from './timer-values.ts';

const udp = { timers: DEFAULT_TIMERS, reliable: false };
const tcp = { timers: DEFAULT_TIMERS, reliable: true };

function outcome(state: NonInviteServerState, event: NonInviteServerEvent, around = udp): string {
  const { next, actions } = nonInviteServer(state, event, around);
  const words = actions.map((action) => {
    if (action.do === 'repeat' || action.do === 'end-after') return `${action.timer}=${action.ms}`;
    return action.do === 'report' ? action.failure : action.do;
  });
  return [next, ...words].join(' ');
}

describe('the non-INVITE server transaction (RFC 3261 §17.2.2)', () => {
  it('absorbs retransmissions before the first response and answers them after it', () => {
    expect(outcome('trying', 'request')).toBe('trying');
    expect(outcome('trying', 'send 1xx')).toBe('proceeding send');
    expect(outcome('proceeding', 'request')).toBe('proceeding resend');
    expect(outcome('proceeding', 'send 1xx')).toBe('proceeding send');
    expect(outcome('completed', 'request')).toBe('completed resend');
  });

  it.each(['trying', 'proceeding'] as const)(
    'arms J in %s with the final response: 64*T1 over UDP, 0 over TCP',
    (state) => {
      expect(outcome(state, 'send 200-699')).toBe('completed J=32000 send');
      expect(outcome(state, 'send 200-699', tcp)).toBe('terminated send');
    },
  );

  it('ends with timer J and takes no second final response', () => {
    expect(outcome('completed', 'send 200-699')).toBe('completed');
    expect(outcome('completed', 'timer J')).toBe('terminated');
  });

  it.each(['trying', 'proceeding', 'completed'] as const)('stays in %s after a transport error', (state) => {
    expect(outcome(state, 'transport error')).toBe(`${state} transport`);
  });
});
