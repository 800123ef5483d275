/** TRANSFER before anybody has answered, or where nobody does. */
import { assertHeard } from '../lib/audio.ts';
import { fieldsOf } from '../lib/callback-server.ts';
import { equal } from '../lib/check.ts';
import { fill, hangUp, say } from '../lib/flow.ts';
import { numberRunning } from '../lib/numbers.ts';
import { call, registeredPhone } from '../lib/phone.ts';
import { prompts } from '../lib/prompts.ts';
import { sharedServer } from '../lib/shared-server.ts';
import type { SippScenario } from '../lib/sipp-scenario.ts';
import { test } from '../lib/suite.ts';
import { assertHearsTones, tone, waitForRinging, waitForTone } from '../lib/tones.ts';
import {
  assertBothHeard,
  CALLER_HZ,
  ended,
  FAR,
  FAR_HZ,
  farEnd,
  outcomeOf,
  remember,
  transfer,
} from '../lib/transfer-parties.ts';

test('transfer: early media of the far side is heard before anybody answers', { uses: ['trunk'] }, async (t) => {
  const server = await sharedServer();
  const { number } = await numberRunning(t, server, [transfer({ no: FAR }), hangUp]);
  const far = await farEnd(t, (phone, answer) =>
    phone
      .expectInvite()
      .reply(183, { body: answer })
      .pause(4_000)
      .reply(200, { body: answer })
      .expectAck()
      .pause(7_000)
      .bye(),
  );
  const near = await call(t, server, {
    to: number,
    script: (phone, offer) => phone.invite(offer).earlyMedia().answered().ack().expectBye(),
  });
  void near.media.say(tone(CALLER_HZ, 25_000));
  await waitForTone(near.media, FAR_HZ);
  await assertHearsTones(near.media, 'the caller', [FAR_HZ], 400);
  equal(
    near.sipp.events().some(({ name }) => name === 'answered'),
    false,
    'nobody has answered yet',
  );
  await near.sipp.event('answered');
  await assertBothHeard(near.media, far.media);
  await ended(far, near);
  const { ssrcs, breaks } = near.media.continuity();
  equal(ssrcs.length, 1, 'streams that the caller was sent');
  equal(
    breaks.filter((one) => one.includes('sequence')),
    [],
    'breaks of the sequence numbers',
  );
});

test('transfer: the phone that is heard declines: the next that sends sound is heard, then ringing', {
  uses: ['trunk', 'sip-user'],
  timeoutMs: 45_000,
}, async (t) => {
  const server = await sharedServer();
  const { number } = await numberRunning(t, server, [transfer({ no: [server.quickstart.sip_user, FAR] }), hangUp]);
  const far = await farEnd(t, (phone, answer) =>
    phone.expectInvite().reply(180).pause(15_000).reply(200, { body: answer }).expectAck().untilTold().bye(),
  );
  const early = (beforeMs: number, forMs: number) => (phone: SippScenario, answer: string) =>
    phone
      .expectInvite()
      .pause(beforeMs)
      .reply(183, { body: answer })
      .pause(forMs)
      .reply(480)
      .expectAck({ established: false });
  const [deskHz, kitchenHz] = [1750, 2400];
  const desk = await registeredPhone(t, server, { script: early(0, 5_000) });
  const kitchen = await registeredPhone(t, server, { script: early(1_000, 9_000) });
  void desk.media.say(tone(deskHz, 25_000));
  void kitchen.media.say(tone(kitchenHz, 25_000));
  const near = await call(t, server, {
    to: number,
    script: (phone, offer) => phone.invite(offer).earlyMedia().answered().ack().expectBye(),
  });
  void near.media.say(tone(CALLER_HZ, 30_000));
  await waitForTone(near.media, deskHz);
  await assertHearsTones(near.media, 'the caller', [deskHz], 400);
  const declined = near.media.heard().length;
  await waitForTone(near.media, kitchenHz, declined);
  await assertHearsTones(near.media, 'the caller', [kitchenHz], 400);
  await waitForRinging(near.media, near.media.heard().length);
  await near.sipp.event('answered');
  await assertBothHeard(near.media, far.media);
  await far.sipp.tell();
  await ended(desk, kitchen, far, near);
});

const refuse = (status: number) => (phone: SippScenario) =>
  phone.expectInvite().reply(180).pause(200).reply(status).expectAck({ established: false });

for (const { name, script, status, timeout } of [
  { name: 'busy', script: refuse(486), status: 'busy', timeout: 20 },
  { name: 'declined', script: refuse(603), status: 'failed', timeout: 20 },
  {
    name: 'nobody answers',
    script: (phone: SippScenario) => phone.expectInvite().reply(180).expectCancel(),
    status: 'no-answer',
    timeout: 2,
  },
]) {
  test(`transfer: ${name}: ${status}, and the flow goes on`, { uses: ['trunk'] }, async (t) => {
    const server = await sharedServer();
    const { user, number } = await numberRunning(t, server, [
      transfer({ no: FAR, timeout }),
      remember,
      say('Nobody is there.'),
      hangUp,
    ]);
    const far = await farEnd(t, script);
    const near = await call(t, server, { to: number });
    await ended(far, near);
    assertHeard(near.media.heard(), await prompts('Nobody is there.'));
    equal(await outcomeOf(user), { outcome: status, who: '' }, 'outcome');
  });
}

test('transfer: the caller gives up while it rings', { uses: ['trunk'] }, async (t) => {
  const server = await sharedServer();
  const { user, number } = await numberRunning(t, server, [transfer({ no: FAR }), hangUp]);
  const far = await farEnd(t, (phone) => phone.expectInvite().reply(180).expectCancel());
  const near = await call(t, server, {
    to: number,
    script: (phone, offer) => phone.invite(offer).ringing().pause(1_500).cancel().rejected(487),
  });
  await ended(far, near);
  equal(fieldsOf(await user.first('end_call')).status, 'canceled', 'status');
});

test('transfer: emergency numbers and numbers that are not permitted are not called', async (t) => {
  const server = await sharedServer();
  const { number } = await numberRunning(t, server, [
    transfer({ no: '911' }),
    say(`The first is ${fill('transferStatus')}.`),
    transfer({ no: '+442079460000' }),
    say(`The second is ${fill('transferStatus')}.`),
    hangUp,
  ]);
  const near = await call(t, server, { to: number });
  await near.sipp.succeeded();
  assertHeard(near.media.heard(), await prompts('The first is failed.', 'The second is failed.'));
});
