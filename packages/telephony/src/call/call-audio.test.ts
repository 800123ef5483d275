import { expect, test } from 'vitest';
import { QUIET_STATS } from '../testing/fake-session.ts';
import { audioOf } from './call-audio.ts';

test('a call without sound has no figures', () => {
  expect(audioOf(null)).toBeNull();
  expect(audioOf(QUIET_STATS)).toBeNull();
});

test.each([
  [['high_loss', 'low_mos', 'clipping'], false],
  [['high_loss', 'not_heard'], true],
  [['nothing_received'], true],
  [['only_silence_received'], true],
] as const)('%j: one way %s', (issues, oneWay) => {
  const health = { ...QUIET_STATS.health, issues: [...issues], firstPacketInMs: 12 };
  const refused = { malformed: 1, unknownPayload: 20, foreign: 300 };
  const audio = audioOf({ ...QUIET_STATS, packetsReceived: 9, lost: 1, mos: 4.2, remoteLost: 2, ...refused, health });
  expect(audio).toEqual({
    packetsSent: 0,
    packetsReceived: 9,
    packetsLost: 1,
    packetsRefused: 321,
    jitterMs: 0,
    remotePacketsLost: 2,
    remoteJitterMs: null,
    roundTripMs: null,
    mos: 4.2,
    firstPacketInMs: 12,
    firstPacketOutMs: null,
    silenceRatioIn: null,
    silenceRatioOut: null,
    clippingRatioIn: null,
    clippingRatioOut: null,
    issues,
    oneWay,
  });
});
