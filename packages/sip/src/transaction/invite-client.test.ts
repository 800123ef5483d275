import { describe, expect, it } from 'vitest';
import { type InviteClientEvent, type InviteClientState, inviteClient } from './invite-client.ts';
import { DEFAULT_TIMERS } from './timer-values.ts';

const udp = { timers: DEFAULT_TIMERS, reliable: false };
const tcp = { timers: DEFAULT_TIMERS, reliable: true };

/** The outcome of an event in short: the next state and the actions. */
function outcome(state: InviteClientState, event: InviteClientEvent, around = udp, intervalMs = 0): string {
  const { next, actions } = inviteClient(state, event, intervalMs, around);
  const words = actions.map((action) => {
    if (action.do === 'repeat' || action.do === 'end-after') return `${action.timer}=${action.ms}`;
    return action.do === 'report' ? action.failure : action.do;
  });
  return [next, ...words].join(' ');
}

describe('the INVITE client transaction (RFC 3261 §17.1.1, RFC 6026)', () => {
  it('sends the INVITE and arms A and B over UDP, B alone over TCP', () => {
    expect(outcome('calling', 'start')).toBe('calling A=500 B=32000 send');
    expect(outcome('calling', 'start', tcp)).toBe('calling B=32000 send');
  });

  it('doubles timer A without a limit', () => {
    expect(outcome('calling', 'timer A', udp, 500)).toBe('calling A=1000 resend');
    expect(outcome('calling', 'timer A', udp, 8000)).toBe('calling A=16000 resend');
  });

  it('gives up on timer B and on a transport error', () => {
    expect(outcome('calling', 'timer B')).toBe('terminated timeout');
    expect(outcome('calling', 'transport error')).toBe('terminated transport');
  });

  it('stops retransmitting at the first provisional response and passes them all', () => {
    expect(outcome('calling', '1xx')).toBe('proceeding stop-repeat stop-end pass');
    expect(outcome('proceeding', '1xx')).toBe('proceeding pass');
  });

  it.each(['calling', 'proceeding'] as const)('accepts a 2xx in %s and stays for its copies and forks', (state) => {
    expect(outcome(state, '2xx')).toBe('accepted stop-repeat M=32000 pass');
    expect(outcome(state, '2xx', tcp)).toBe('accepted stop-repeat M=32000 pass');
  });

  it.each(['calling', 'proceeding'] as const)(
    'acknowledges a refusal in %s; D is 32 s over UDP, 0 over TCP',
    (state) => {
      expect(outcome(state, '300-699')).toBe('completed stop-repeat D=32000 ack pass');
      expect(outcome(state, '300-699', tcp)).toBe('terminated ack pass');
    },
  );

  it('keeps timer D at 32 s when T1 is shortened, and stretches it when T1 is raised', () => {
    const fast = { timers: { ...DEFAULT_TIMERS, t1Ms: 10 }, reliable: false };
    const slow = { timers: { ...DEFAULT_TIMERS, t1Ms: 1000 }, reliable: false };
    expect(outcome('calling', '300-699', fast)).toContain('D=32000');
    expect(outcome('calling', '300-699', slow)).toContain('D=64000');
  });

  it('passes every 2xx until timer M and nothing else', () => {
    expect(outcome('accepted', '2xx')).toBe('accepted pass');
    expect(outcome('accepted', '1xx')).toBe('accepted');
    expect(outcome('accepted', '300-699')).toBe('accepted');
    expect(outcome('accepted', 'timer M')).toBe('terminated');
  });

  it('acknowledges copies of a refusal until timer D without passing them', () => {
    expect(outcome('completed', '300-699')).toBe('completed ack');
    expect(outcome('completed', '1xx')).toBe('completed');
    expect(outcome('completed', '2xx')).toBe('completed');
    expect(outcome('completed', 'timer D')).toBe('terminated');
    expect(outcome('completed', 'transport error')).toBe('terminated transport');
  });

  it('ignores timers that belong to other states', () => {
    expect(outcome('proceeding', 'timer A')).toBe('proceeding');
    expect(outcome('proceeding', 'timer B')).toBe('proceeding');
    expect(outcome('calling', 'timer D')).toBe('calling');
  });
});
