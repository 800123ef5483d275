/** QUEUE with whisper and confirm: agents are told who waits, and take the caller by a key or a word. */
import { assertHeard } from '../lib/audio.ts';
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { equal } from '../lib/check.ts';
import { needProgram } from '../lib/child.ts';
import type { TestContext } from '../lib/context.ts';
import { fill, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call, registeredPhone } from '../lib/phone.ts';
import { prompt, prompts } from '../lib/prompts.ts';
import type { Server } from '../lib/server.ts';
import { sharedServer } from '../lib/shared-server.ts';
import type { SippScenario } from '../lib/sipp-scenario.ts';
import { test } from '../lib/suite.ts';
import { tone } from '../lib/tones.ts';
import {
  assertBothHeard,
  caller,
  ended,
  FAR,
  FAR_HZ,
  farEnd,
  pickUp,
  pickUpUntilTold,
} from '../lib/transfer-parties.ts';

const QUESTION = 'A call from the queue. Press one, or say yes.';
const LONG_WHISPER = 'Somebody has waited for you for a long time, and would like to know a lot of things.';
const TREATMENT = [say('Please wait.'), { type: 'WAIT', params: { time: 500 } }];
const remember = { '$sessionData.outcome': '$queueStatus', '$sessionData.who': '$queueNo' };

async function queueNumber(t: TestContext, server: Server, params: object, more: object, flows: object = {}) {
  const list = [{ type: 'QUEUE', params: { name: 'asked', retry_after: 1_000, ...params }, ...more }, remember, hangUp];
  const user = await CallbackServer.open(t, (request) =>
    fieldsOf(request).type === 'end_call' ? { status: 200 } : { json: { actions: list, flows } },
  );
  return { user, number: await newNumber(server, { url: user.url }) };
}

/** Answers at once and says nothing of its own, until it is hung up. */
const voicemail = (phone: SippScenario, answer: string) =>
  phone.expectInvite().reply(200, { body: answer }).expectAck().expectBye(25_000);

test('queue-screening: an agent’s voicemail takes nobody, who says yes gets the caller', {
  timeoutMs: 60_000,
  uses: ['trunk', 'sip-user'],
}, async (t) => {
  needProgram('pocketsphinx_batch');
  const server = await sharedServer();
  const flows = {
    ask: [
      {
        type: 'COLLECT',
        params: { input: ['digits', 'speech'], hints: ['yes', 'no'], num_digits: 1, timeout: 15_000 },
        actions: [say(QUESTION)],
      },
      { type: 'RETURN' },
    ],
  };
  const { user, number } = await queueNumber(
    t,
    server,
    { agents: [FAR, server.quickstart.sip_user], order: 'simultaneous', confirm_key: '1', confirm_speech: 'yes' },
    {
      actions: TREATMENT,
      whisper: [say(`You are number ${fill('queuePosition')}.`)],
      confirm: [{ type: 'RUN', params: { flow: 'ask' } }],
    },
    flows,
  );
  const machine = await farEnd(t, voicemail, { isSilent: true });
  const agent = await registeredPhone(t, server, { script: pickUpUntilTold, timeoutMs: 45_000 });
  const near = await call(t, server, {
    to: number,
    timeoutMs: 50_000,
    afterAck: (phone: SippScenario) => phone.expectBye(45_000),
  });
  await agent.media.waitForSpeech(15_000);
  const { samples } = await prompt(QUESTION);
  await agent.media.waitForHeard(agent.media.heard().length + samples.length + 3 * 8_000);
  await agent.media.say((await prompt('yes', 'rms')).samples);
  void agent.media.say(tone(FAR_HZ, 25_000));
  void near.media.say(tone(560, 25_000));
  await assertBothHeard(near.media, agent.media);
  await agent.sipp.tell();
  await ended(machine, agent, near);
  assertHeard(agent.media.heard(), await prompts('You are number 1.', QUESTION), { allowOther: true });
  assertHeard(near.media.heard(), await prompts('Please wait.'), { allowOther: true });
  const end = fieldsOf(await user.first('end_call'));
  equal(end.session_data, { outcome: 'connected', who: server.quickstart.sip_user }, 'outcome');
  equal(end.key_presses, [], 'what agents say is no business of the callbacks');
});

test('queue-screening: an agent hangs up during the whisper; the caller leaves by key while the next rings', {
  timeoutMs: 50_000,
  uses: ['trunk', 'sip-user'],
}, async (t) => {
  const server = await sharedServer();
  const treatment = [
    { type: 'COLLECT', params: { num_digits: 1, timeout: 30_000 }, actions: [say('Press nine to leave.')] },
    { type: 'QUEUE', params: { event: 'leave' } },
  ];
  const { user, number } = await queueNumber(
    t,
    server,
    { agents: [FAR, server.quickstart.sip_user], order: 'sequential' },
    { actions: treatment, whisper: [say(LONG_WHISPER)] },
  );
  const first = await farEnd(t, pickUp(2_500), { isSilent: true });
  const second = await registeredPhone(t, server, {
    script: (phone) => phone.expectInvite().reply(180).expectCancel(),
  });
  const near = await call(t, server, { to: number, timeoutMs: 40_000 });
  await first.sipp.succeeded();
  await near.media.waitForHeard(near.media.heard().length + 3 * 8_000);
  await near.media.pressAll('9');
  await ended(second, near);
  equal(fieldsOf(await user.first('end_call')).session_data, { outcome: 'left', who: '' }, 'outcome');
});

test('queue-screening: the caller hangs up while an agent hears the whisper, who is hung up', {
  uses: ['trunk'],
}, async (t) => {
  const server = await sharedServer();
  const { user, number } = await queueNumber(t, server, { agents: [FAR] }, { whisper: [say(LONG_WHISPER)] });
  const agent = await farEnd(t, voicemail, { isSilent: true });
  const near = await caller(t, server, number, (phone) => phone.untilTold().bye());
  await agent.media.waitForSpeech();
  await near.sipp.tell();
  await ended(agent, near);
  equal(fieldsOf(await user.first('end_call')).status, 'completed', 'the call was answered, and nobody had it');
});
