import { expect, test } from 'vitest';
import { createCertificate } from './dtls/certificate.ts';
import { MediaSession } from './media-session.ts';
import { NO_STATS } from './session/events.ts';
import type { WorkerCommand } from './worker/protocol.ts';

const certificate = () => createCertificate(0);

function make() {
  const posted: WorkerCommand[] = [];
  const session = new MediaSession({
    id: 1,
    worker: 0,
    negotiation: {
      sessionId: '1',
      address: '192.0.2.9',
      port: 5000,
      family: 4,
      codecs: ['PCMU'],
      security: { suites: [], offers: 'none', fingerprint: () => certificate().fingerprint },
    },
    protection: { suites: [], certificate, timeoutMs: 1000 },
    post: (command) => posted.push(command),
    hasPrompt: () => false,
    beginRecording: () => {
      throw new Error('Nothing is recorded here');
    },
  });
  return { session, posted };
}

test('digits that a bridge carries over are not reported, and too many orders are refused, not forgotten', () => {
  const { session, posted } = make();
  for (let i = 0; i < 64; i++) session.sendDigits('1');
  expect(() => session.sendDigits('2')).toThrow('64 orders of digits');
  session.forwardDigit('3');
  expect(posted.at(-1)).toMatchObject({ type: 'sendDigits', digits: '3', forwarded: true });
  session.receive('digitsSent', { digits: '1' });
  session.sendDigits('2');
  expect(posted.at(-1)).toEqual({ type: 'sendDigits', sessionId: 1, digits: '2', toneMs: 100, gapMs: 50 });
});

test('a session is closed also when a listener of its room throws', async () => {
  const { session } = make();
  session.enter({
    sessionEnded() {
      throw new Error('The listener broke');
    },
  });
  expect(() => session.finish(NO_STATS)).toThrow('The listener broke');
  expect(await session.close()).toBe(NO_STATS);
});

test('the figures are asked for once for all who want them, and come with the end at the latest', async () => {
  const { session, posted } = make();
  const stats = { ...NO_STATS, packetsSent: 7 };
  const both = [session.figures(), session.figures()];
  expect(posted).toEqual([{ type: 'readSession', sessionId: 1 }]);
  session.told(stats);
  expect(await Promise.all(both)).toEqual([stats, stats]);
  const late = session.figures();
  session.fail('The worker died');
  expect([await late, await session.figures()]).toEqual([NO_STATS, NO_STATS]);
});
