import { type CallbackServer, fieldsOf } from './callback-server.ts';
import type { TestContext } from './context.ts';
import { call, type PhoneCall } from './phone.ts';
import { RtpPeer } from './rtp-peer.ts';
import { sdp } from './sdp.ts';
import type { Server } from './server.ts';
import { TRUNK_PORT } from './shared-server.ts';
import { runSipp, type SippRun } from './sipp.ts';
import { SippScenario } from './sipp-scenario.ts';
import { assertHearsTones, tone, waitForTone } from './tones.ts';

/** A number that the trunk leads to. */
export const FAR = '+13105550142';
/** What the parties of a transfer say. */
export const [CALLER_HZ, FAR_HZ] = [560, 1060];
export const transfer = (params: Record<string, unknown>) => ({ type: 'TRANSFER', params });
/** What the flow knows of a transfer afterwards, for the last callback. */
export const remember = { '$sessionData.outcome': '$transferStatus', '$sessionData.who': '$transferNo' };

interface FarEnd {
  sipp: SippRun;
  media: RtpPeer;
}

/** The carrier's end of a call through the trunk; the script gets its SDP. */
export async function farEnd(
  t: TestContext,
  script: (phone: SippScenario, answer: string) => SippScenario,
  { port = TRUNK_PORT, isSilent = false }: { port?: number; isSilent?: boolean } = {},
): Promise<FarEnd> {
  const media = await RtpPeer.open(t);
  const scenario = new SippScenario({ to: 'sip:carrier@127.0.0.1', from: 'sip:carrier@127.0.0.1', tag: `f${++ends}` });
  const sipp = await runSipp(t, script(scenario, sdp({ ip: '127.0.0.1', port: media.port })), {
    remote: '127.0.0.1:9',
    localPort: port,
    name: 'far',
  });
  if (!isSilent) speak(sipp, media, FAR_HZ);
  return { sipp, media };
}
let ends = 0;

/** Begins to send as soon as the phone knows where to. */
export async function startSpeaking(sipp: SippRun, media: RtpPeer): Promise<void> {
  const { words } = await sipp.event('media', 25_000);
  media.start(words[0] ?? '', Number(words[1]));
}

/** Sends a tone as soon as the phone knows where to. */
export function speak(sipp: SippRun, media: RtpPeer, frequencyHz: number): void {
  startSpeaking(sipp, media)
    .then(() => media.say(tone(frequencyHz, 25_000)))
    .catch(() => {
      // It never got that far; what the test waits for tells why.
    });
}

/** A phone that calls and speaks. */
export async function caller(
  t: TestContext,
  server: Server,
  number: string,
  afterAck: (phone: SippScenario) => SippScenario = (phone) => phone.expectBye(),
): Promise<PhoneCall> {
  const phone = await call(t, server, { to: number, afterAck });
  void phone.media.say(tone(CALLER_HZ, 25_000));
  return phone;
}

/** Waits until each hears the other, however well. */
export async function untilBothHear(near: RtpPeer, far: RtpPeer): Promise<void> {
  const [nearFrom, farFrom] = [near.heard().length, far.heard().length];
  await Promise.all([waitForTone(near, FAR_HZ, nearFrom), waitForTone(far, CALLER_HZ, farFrom)]);
}

export async function assertBothHeard(near: RtpPeer, far: RtpPeer): Promise<void> {
  await untilBothHear(near, far);
  await Promise.all([
    assertHearsTones(near, 'the caller', [FAR_HZ]),
    assertHearsTones(far, 'the far side', [CALLER_HZ]),
  ]);
}

/** Waits until the scripts of all these phones have run to their ends. */
export async function ended(...phones: readonly { sipp: SippRun }[]): Promise<void> {
  await Promise.all(phones.map(({ sipp }) => sipp.succeeded()));
}

/** What {@link remember} told the last callback of. */
export async function outcomeOf(user: CallbackServer): Promise<unknown> {
  return fieldsOf(await user.first('end_call')).session_data;
}

/** A phone that rings, is picked up, and hangs up when it is told to. */
export const pickUpUntilTold = (phone: SippScenario, answer: string) =>
  phone.expectInvite().reply(180).pause(300).reply(200, { body: answer }).expectAck().untilTold().bye();

/** A phone that rings, is picked up and hung up. */
export const pickUp = (hangsUpAfterMs: number) => (phone: SippScenario, answer: string) =>
  phone.expectInvite().reply(180).pause(300).reply(200, { body: answer }).expectAck().pause(hangsUpAfterMs).bye();
