import { describe, expect, it } from 'vitest';
import { type InviteServerEvent, type InviteServerState, inviteServer } from './invite-server.ts';
import { DEFAULT_TIMERS } from './timer-values.ts';

const udp = { timers: DEFAULT_TIMERS, reliable: false };
const tcp = { timers: DEFAULT_TIMERS, reliable: true };

function outcome(state: InviteServerState, event: InviteServerEvent, around = udp, intervalMs = 0): string {
  const { next, actions } = inviteServer(state, event, intervalMs, around);
  const words = actions.map((action) => {
    if (action.do === 'repeat' || action.do === 'end-after') return `${action.timer}=${action.ms}`;
    return action.do === 'report' ? action.failure : action.do;
  });
  return [next, ...words].join(' ');
}

describe('the INVITE server transaction (RFC 3261 §17.2.1, RFC 6026)', () => {
  it('answers retransmissions with the last provisional response', () => {
    expect(outcome('proceeding', 'send 1xx')).toBe('proceeding send');
    expect(outcome('proceeding', 'INVITE')).toBe('proceeding resend');
  });

  it('leaves the retransmission of a 2xx to its user and stays 64*T1 (timer L) for late INVITEs and ACKs', () => {
    expect(outcome('proceeding', 'send 2xx')).toBe('accepted L=32000 send');
    expect(outcome('proceeding', 'send 2xx', tcp)).toBe('accepted L=32000 send');
    expect(outcome('accepted', 'send 2xx')).toBe('accepted send');
    expect(outcome('accepted', 'INVITE')).toBe('accepted');
    expect(outcome('accepted', 'ACK')).toBe('accepted pass');
    expect(outcome('accepted', 'send 300-699')).toBe('accepted');
    expect(outcome('accepted', 'timer L')).toBe('terminated');
  });

  it('retransmits a refusal with timer G over UDP only', () => {
    expect(outcome('proceeding', 'send 300-699')).toBe('completed G=500 H=32000 send');
    expect(outcome('proceeding', 'send 300-699', tcp)).toBe('completed H=32000 send');
    expect(outcome('completed', 'timer G', udp, 500)).toBe('completed G=1000 resend');
    expect(outcome('completed', 'timer G', udp, 4000)).toBe('completed G=4000 resend');
    expect(outcome('completed', 'INVITE')).toBe('completed resend');
  });

  it('reports a refusal that nobody acknowledges (timer H)', () => {
    expect(outcome('completed', 'timer H')).toBe('terminated timeout');
  });

  it('absorbs ACKs for timer I: T4 over UDP, 0 over TCP', () => {
    expect(outcome('completed', 'ACK')).toBe('confirmed stop-repeat I=5000');
    expect(outcome('completed', 'ACK', tcp)).toBe('terminated');
    expect(outcome('confirmed', 'ACK')).toBe('confirmed');
    expect(outcome('confirmed', 'INVITE')).toBe('confirmed');
    expect(outcome('confirmed', 'timer I')).toBe('terminated');
  });

  it.each(['proceeding', 'accepted', 'completed'] as const)(
    'stays in %s after a transport error (RFC 6026 §8.7)',
    (state) => {
      expect(outcome(state, 'transport error')).toBe(`${state} transport`);
    },
  );

  it('ignores what does not belong to a state', () => {
    expect(outcome('proceeding', 'ACK')).toBe('proceeding');
    expect(outcome('proceeding', 'timer G')).toBe('proceeding');
    expect(outcome('completed', 'send 2xx')).toBe('completed');
    expect(outcome('confirmed', 'timer H')).toBe('confirmed');
  });
});
