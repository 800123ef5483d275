import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { MediaEngine, type MediaSession, type PromptRef, SdpError, type SecurityMethod } from './index.ts';

// Apart from the ports of the other tests of the engine, and from other runs of this one.
const BASE = 34_000 - (process.pid % 100) * 20;

function tone(frequencyHz: number, seconds: number): Int16Array {
  const samples = new Int16Array(new SharedArrayBuffer(seconds * 8000 * 2));
  for (let i = 0; i < samples.length; i++) samples[i] = 8000 * Math.sin((2 * Math.PI * frequencyHz * i) / 8000);
  return samples;
}

let engine: MediaEngine;
let prompt: PromptRef;
const open: MediaSession[] = [];

beforeAll(async () => {
  engine = await MediaEngine.start({
    host: '127.0.0.1',
    portLow: BASE,
    portHigh: BASE + 29,
    workers: 2,
    minReadyPorts: 2,
    maxCatchUpMs: 10_000,
    dtlsTimeoutMs: 5000,
  });
  prompt = engine.loadPrompt({ id: 'tone', samples: tone(440, 2), sampleRateHz: 8000 });
});

afterAll(() => engine.close());

afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});

async function session(security: SecurityMethod): Promise<MediaSession> {
  const created = await engine.createSession({ security, capture: true });
  open.push(created);
  return created;
}

/** Resolves when the session heard the tone for a tenth of a second. */
function hears(listener: MediaSession): Promise<void> {
  return new Promise((resolve) => {
    let heard = 0;
    listener.on('audio', ({ samples }) => {
      let crossings = 0;
      for (let i = 1; i < samples.length; i++) {
        if ((samples[i - 1] as number) < 0 && (samples[i] as number) >= 0) crossings++;
      }
      // 440 Hz has 8.8 periods in 20 ms.
      heard = crossings === 8 || crossings === 9 ? heard + samples.length : 0;
      if (heard >= 800) resolve();
    });
  });
}

test.each(['sdes', 'dtls'] as const)('two sessions hear each other under %s', async (security) => {
  const caller = await session(security);
  const callee = await session('none');
  const secured = Promise.all([once(caller, 'secured'), once(callee, 'secured')]);
  const both = Promise.all([hears(caller), hears(callee)]);
  caller.acceptAnswer(callee.answerOffer(caller.createOffer()));
  expect([caller.security, callee.security]).toEqual([security, security]);
  for (const one of [caller, callee]) {
    one.start();
    one.play('tone', prompt);
  }
  const expected = { method: security, suite: 'AEAD_AES_128_GCM' };
  expect(await secured).toEqual([[expected], [expected]]);
  await both;
  const stats = await Promise.all([caller.close(), callee.close()]);
  for (const { packetsReceived, lost } of stats) {
    expect(packetsReceived).toBeGreaterThan(3);
    expect(lost).toBe(0);
  }
});

test.each(['sdes', 'dtls'] as const)(
  'who answered offers anew under %s, as to a re-INVITE without SDP',
  async (security) => {
    const caller = await session(security);
    const callee = await session('none');
    const secured = Promise.all([once(caller, 'secured'), once(callee, 'secured')]);
    caller.acceptAnswer(callee.answerOffer(caller.createOffer()));
    for (const one of [caller, callee]) one.start();
    await secured;
    callee.acceptAnswer(caller.answerOffer(callee.createOffer()));
    expect([caller.security, callee.security]).toEqual([security, security]);
    const both = Promise.all([hears(caller), hears(callee)]);
    for (const one of [caller, callee]) one.play('tone', prompt);
    await both;
    const stats = await Promise.all([caller.close(), callee.close()]);
    for (const { malformed, lost } of stats) {
      expect(lost).toBe(0);
      // Under DTLS one side has the keys before the other.
      expect(malformed).toBeLessThan(3);
    }
  },
);

test('a far side whose certificate is not the one of its SDP is told and reported, and hears nothing', async () => {
  const caller = await session('dtls');
  const callee = await session('none');
  const failed = once(callee, 'securityFailed');
  const wrong = caller.createOffer().replace(/(a=fingerprint:sha-256 )../, (_, start) => `${start}00`);
  caller.acceptAnswer(callee.answerOffer(wrong));
  callee.start();
  callee.play('tone', prompt);
  const [{ reason }] = (await failed) as [{ reason: string }];
  expect(reason).toMatch(/not the one its SDP names/);
  expect((await caller.close()).packetsReceived).toBe(0);
});

test('re-offers keep the keys and the stream, and what cannot be protected as offered is refused', async () => {
  const caller = await session('sdes');
  const callee = await session('none');
  caller.acceptAnswer(callee.answerOffer(caller.createOffer()));
  const heard = hears(callee);
  caller.start();
  caller.play('tone', prompt);
  await heard;
  const again = hears(callee);
  caller.acceptAnswer(callee.answerOffer(caller.createOffer()));
  await again;
  const plain = callee.answerOffer(caller.createOffer()).replace('RTP/SAVP', 'RTP/AVP');
  expect(() => caller.acceptAnswer(plain)).toThrow(SdpError);
});
