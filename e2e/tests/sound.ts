/** What parties of one conversation hear when the network, a stranger or their codecs get in between. */
import { CallbackServer, fieldsOf, type RecordedRequest } from '../lib/callback-server.ts';
import type { TestContext } from '../lib/context.ts';
import { actions, hangUp } from '../lib/flow.ts';
import { type Impairment, ImpairmentProxy } from '../lib/impairment-proxy.ts';
import { endCallsOf } from '../lib/live-calls.ts';
import { newNumber } from '../lib/numbers.ts';
import { call, type PhoneCall } from '../lib/phone.ts';
import { RtpPeer } from '../lib/rtp-peer.ts';
import type { SdpOptions } from '../lib/sdp.ts';
import type { Server } from '../lib/server.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { assertHearsTones, listen, tone, waitForTone } from '../lib/tones.ts';

const [NEAR_HZ, FAR_HZ, STRANGER_HZ] = [560, 1060, 1750];

async function room(t: TestContext, server: Server, name: string): Promise<string> {
  const list = [{ type: 'CONFERENCE', params: { name, hold_music: false } }, hangUp];
  const user = await CallbackServer.open(t, (request: RecordedRequest) =>
    fieldsOf(request).type === 'end_call' ? { status: 200 } : actions(...list),
  );
  return newNumber(server, { url: user.url });
}

interface PartyOptions {
  media?: Partial<SdpOptions>;
  /** On the way from the party to the server. */
  impairment?: Impairment;
}

/** Somebody who calls and sends a tone, over a bad network when asked for. */
async function party(
  t: TestContext,
  server: Server,
  number: string,
  toneHz: number,
  { media = {}, impairment }: PartyOptions = {},
): Promise<PhoneCall> {
  const phone = await call(t, server, {
    to: number,
    name: `party-${toneHz}`,
    timeoutMs: 55_000,
    media,
    sendMedia: impairment === undefined,
    afterAck: (scenario) => scenario.expectBye(50_000),
  });
  if (impairment !== undefined) {
    const proxy = await ImpairmentProxy.open(t, { toTarget: impairment });
    const [ip, port] = await mediaOf(phone);
    proxy.aim(ip, port);
    phone.media.start('127.0.0.1', proxy.port);
  }
  endCallsOf(t, server, number);
  void phone.media.say(tone(toneHz, 50_000));
  return phone;
}

/** Where the server takes this phone's sound. */
async function mediaOf({ sipp }: PhoneCall): Promise<[ip: string, port: number]> {
  const { words } = await sipp.event('media');
  return [words[0] ?? '', Number(words[1])];
}

async function assertHears({ media }: PhoneCall, who: string, expectedHz: readonly number[]): Promise<void> {
  await assertHearsTones(media, who, expectedHz);
}

test('sound: what a stranger sends to the port of a call is heard by nobody', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const number = await room(t, server, 'stranger');
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
    const number = await room(t, server, name);
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
  const number = await room(t, server, 'codecs');
  const near = await party(t, server, number, NEAR_HZ);
  const far = await party(t, server, number, FAR_HZ, { media: { codecs: ['PCMA'] } });
  await waitForTone(far.media, NEAR_HZ);
  await assertHears(far, 'the party of PCMA', [NEAR_HZ]);
  await near.media.waitForPacket();
  const types = new Set(far.media.packets.map(({ payloadType }) => payloadType));
  if (types.size !== 1 || !types.has(8))
    throw new Error(`payload types ${[...types].join(', ')} instead of PCMA alone`);
});
