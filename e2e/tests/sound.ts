/** What parties of one conversation hear when the network, a stranger or their codecs get in between. */
import type { TestContext } from '../lib/context.ts';
import type { PhoneCall } from '../lib/phone.ts';
import { enter, mediaOf, type PartyOptions, roomNumber } from '../lib/room-party.ts';
import { RtpPeer } from '../lib/rtp-peer.ts';
import type { Server } from '../lib/server.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { assertHearsTones, listen, tone, waitForTone } from '../lib/tones.ts';

const [NEAR_HZ, FAR_HZ, STRANGER_HZ] = [560, 1060, 1750];

/** Somebody in the room who sends a tone. */
async function party(
  t: TestContext,
  server: Server,
  number: string,
  toneHz: number,
  options: PartyOptions = {},
): Promise<PhoneCall> {
  const phone = await enter(t, server, number, options);
  void phone.media.say(tone(toneHz, 50_000));
  return phone;
}

async function assertHears({ media }: PhoneCall, who: string, expectedHz: readonly number[]): Promise<void> {
  await assertHearsTones(media, who, expectedHz);
}

test('sound: what a stranger sends to the port of a call is heard by nobody', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const number = await roomNumber(t, server, 'stranger');
  const near = await party(t, server, number, NEAR_HZ);
  const far = await party(t, server, number, FAR_HZ);
  await Promise.all([waitForTone(near.media, FAR_HZ), waitForTone(far.media, NEAR_HZ)]);
  const stranger = await RtpPeer.open(t);
  stranger.start(...(await mediaOf(near)));
  void stranger.say(tone(STRANGER_HZ, 20_000));
  // Longer than a far side that moved is waited for.
  await listen(far.media, 2_500);
  await Promise.all([assertHears(near, 'the caller', [FAR_HZ]), assertHears(far, 'the far side', [NEAR_HZ])]);
  if (stranger.packets.length > 0) throw new Error('the stranger was sent what the call hears');
});

for (const { name, impairment } of [
  { name: '1 % loss', impairment: { lossPercent: 1 } },
  { name: '5 % loss', impairment: { lossPercent: 5 } },
  { name: 'packets swapped and doubled', impairment: { reorderPercent: 5, duplicatePercent: 5 } },
  { name: 'jitter of 50 ms', impairment: { jitterMs: 50 } },
]) {
  test(`sound: ${name} on the way is not heard in a conference`, { timeoutMs: 60_000 }, async (t) => {
    const server = await sharedServer();
    const number = await roomNumber(t, server, name);
    const near = await party(t, server, number, NEAR_HZ, { impairment });
    const far = await party(t, server, number, FAR_HZ);
    await Promise.all([waitForTone(near.media, FAR_HZ), waitForTone(far.media, NEAR_HZ)]);
    // The jitter buffer learns what the network is like.
    await listen(far.media, 2_000);
    await Promise.all([assertHears(near, 'the caller', [FAR_HZ]), assertHears(far, 'the far side', [NEAR_HZ])]);
  });
}

test('sound: parties of different codecs hear each other', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const number = await roomNumber(t, server, 'codecs');
  const near = await party(t, server, number, NEAR_HZ);
  const far = await party(t, server, number, FAR_HZ, { media: { codecs: ['PCMA'] } });
  await waitForTone(far.media, NEAR_HZ);
  await assertHears(far, 'the party of PCMA', [NEAR_HZ]);
  await near.media.waitForPacket();
  const types = new Set(far.media.packets.map(({ payloadType }) => payloadType));
  if (types.size !== 1 || !types.has(8))
    throw new Error(`payload types ${[...types].join(', ')} instead of PCMA alone`);
});
