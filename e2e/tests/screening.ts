/** TRANSFER with whisper and confirm: who answers is spoken to first, and the caller goes on hearing that it rings. */
import { assertHeard } from '../lib/audio.ts';
import { fieldsOf } from '../lib/callback-server.ts';
import { between, equal, ok } from '../lib/check.ts';
import { needProgram } from '../lib/child.ts';
import { afterPrompt, hangUp, say } from '../lib/flow.ts';
import { numberRunning } from '../lib/numbers.ts';
import { registeredPhone } from '../lib/phone.ts';
import { prompt, prompts } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import { sharedServer } from '../lib/shared-server.ts';
import type { SippScenario } from '../lib/sipp-scenario.ts';
import { test } from '../lib/suite.ts';
import { tone, waitForRinging } from '../lib/tones.ts';
import {
  assertBothHeard,
  caller,
  ended,
  FAR,
  FAR_HZ,
  farEnd,
  outcomeOf,
  pickUp,
  pickUpUntilTold,
  remember,
  startSpeaking,
  untilBothHear,
} from '../lib/transfer-parties.ts';

const QUESTION = 'A call from the web site. Press one to take it.';
const TREATMENT = 'Please wait for a moment.';
const confirm = [{ type: 'COLLECT', params: { num_digits: 1, timeout: 12_000 }, actions: [say(QUESTION)] }];

/** Answers at once and says nothing of its own, until it is hung up. */
const voicemail = (phone: SippScenario, answer: string) =>
  phone.expectInvite().reply(200, { body: answer }).expectAck().expectBye(20_000);

test('screening: a voicemail that answers first keeps nobody from the one that presses the key', {
  timeoutMs: 45_000,
  uses: ['trunk', 'sip-user'],
}, async (t) => {
  const server = await sharedServer();
  const { user, number } = await numberRunning(t, server, [
    {
      type: 'TRANSFER',
      params: { no: [FAR, server.quickstart.sip_user], confirm_key: '1' },
      confirm,
      events: { on_answer: [{ '$sessionData.beganAt': '$callTime' }] },
    },
    remember,
    hangUp,
  ]);
  const machine = await farEnd(t, voicemail, { isSilent: true });
  const taker = await registeredPhone(t, server, { script: pickUpUntilTold });
  const near = await caller(t, server, number);
  await Promise.all([machine.media.waitForSpeech(15_000), taker.media.waitForSpeech(15_000)]);
  equal(
    near.sipp.events().some(({ name }) => name === 'answered'),
    false,
    'nobody has taken the call yet',
  );
  await taker.media.waitForHeard(4 * 8_000);
  await taker.media.pressAll('1');
  void taker.media.say(tone(FAR_HZ, 25_000));
  await assertBothHeard(near.media, taker.media);
  await taker.sipp.tell();
  await ended(machine, taker, near);
  assertHeard(taker.media.heard(), await prompts(QUESTION), { allowOther: true });
  const end = fieldsOf(await user.first('end_call'));
  equal(end.session_data, { beganAt: 0, outcome: 'completed', who: server.quickstart.sip_user }, 'outcome');
  equal(end.key_presses, [], 'the keys of a callee are no business of the callbacks');
  const log = await new Rest(server).flowLogText(String(end.call_id));
  for (const what of ['callee_answered', 'connect_callee', 'transfer_answered', 'callee']) {
    ok(log.includes(`"${what}"`), `${what} is in the event log`);
  }
});

test('screening: who says the word that is asked for has taken the call', {
  timeoutMs: 45_000,
  uses: ['trunk'],
}, async (t) => {
  needProgram('pocketsphinx_batch');
  const server = await sharedServer();
  const question = 'A call for you. Say yes to take it.';
  const params = { input: ['speech'], hints: ['yes', 'no'], timeout: 15_000, retries: 2 };
  const { user, number } = await numberRunning(t, server, [
    {
      type: 'TRANSFER',
      params: { no: FAR, confirm_speech: 'yes' },
      confirm: [{ type: 'COLLECT', params, actions: [say(question)] }],
    },
    remember,
    hangUp,
  ]);
  const taker = await farEnd(t, pickUpUntilTold, { isSilent: true });
  const near = await caller(t, server, number);
  await startSpeaking(taker.sipp, taker.media);
  await afterPrompt(taker.media, await prompt(question));
  await taker.media.say((await prompt('yes', 'rms')).samples);
  void taker.media.say(tone(FAR_HZ, 25_000));
  await untilBothHear(near.media, taker.media);
  await taker.sipp.tell();
  await ended(taker, near);
  equal(await outcomeOf(user), { outcome: 'completed', who: FAR }, 'outcome');
});

test('screening: who hears the whisper and hangs up has not answered; the caller hears ringing meanwhile', {
  uses: ['trunk'],
}, async (t) => {
  const server = await sharedServer();
  const whisper = 'A new customer who would like to know a lot of things is on the line.';
  const { user, number } = await numberRunning(t, server, [
    { type: 'ANSWER' },
    { type: 'TRANSFER', params: { no: FAR }, whisper: [say(whisper)] },
    remember,
    say('Nobody took the call.'),
    hangUp,
  ]);
  const far = await farEnd(t, pickUp(2_500), { isSilent: true });
  const near = await caller(t, server, number);
  await ended(far, near);
  assertHeard(near.media.heard(), await prompts('Nobody took the call.'), { allowOther: true });
  equal(await outcomeOf(user), { outcome: 'no-answer', who: '' }, 'outcome');
});

test('screening: after the whisper both are connected', { uses: ['trunk'] }, async (t) => {
  const server = await sharedServer();
  const { user, number } = await numberRunning(t, server, [
    { type: 'TRANSFER', params: { no: FAR, record: true }, whisper: [say('A new customer.')] },
    remember,
    hangUp,
  ]);
  const far = await farEnd(t, pickUpUntilTold);
  const near = await caller(t, server, number);
  await assertBothHeard(near.media, far.media);
  await far.sipp.tell();
  await ended(far, near);
  assertHeard(far.media.heard(), await prompts('A new customer.'), { allowOther: true });
  const end = fieldsOf(await user.first('end_call'));
  equal(end.session_data, { outcome: 'completed', who: FAR }, 'outcome');
  equal(
    (end.recordings as { name: string }[]).map(({ name }) => name),
    ['transfer'],
    'the conversation is recorded',
  );
});

const asked = (type: string, params: object, more: object = {}) => ({
  type,
  params: { confirm_timeout: 5, ...params },
  whisper: [say('For sales.')],
  confirm,
  ...more,
});
const treatment = { actions: [say(TREATMENT), { type: 'WAIT', params: { time: 300 } }] };

for (const { type, steps, outcome } of [
  {
    type: 'TRANSFER',
    steps: (user: string) => [
      asked('TRANSFER', { no: FAR }),
      { '$sessionData.first': '$transferStatus' },
      asked('TRANSFER', { no: user }),
      remember,
    ],
    outcome: { first: 'no-answer', outcome: 'completed' },
  },
  {
    type: 'QUEUE',
    steps: (user: string) => [
      asked('QUEUE', { name: 'patient', agents: [FAR, user], order: 'sequential' }, treatment),
      { '$sessionData.outcome': '$queueStatus', '$sessionData.who': '$queueNo' },
    ],
    outcome: { outcome: 'connected' },
  },
]) {
  test(`screening: ${type}: who presses nothing within confirm_timeout is let go, and the next is asked`, {
    timeoutMs: 50_000,
    uses: ['trunk', 'sip-user'],
  }, async (t) => {
    const server = await sharedServer();
    const { sip_user: user } = server.quickstart;
    const [whisper, wait] = [await prompt('For sales.'), await prompt(TREATMENT)];
    const running = await numberRunning(t, server, [{ type: 'ANSWER' }, ...steps(user), hangUp]);
    const slow = await farEnd(t, voicemail, { isSilent: true });
    const taker = await registeredPhone(t, server, { script: pickUpUntilTold, timeoutMs: 45_000 });
    const near = await caller(t, server, running.number, (phone) => phone.expectBye(40_000));
    await slow.sipp.event('acked');
    const [answered, answeredMs] = [near.media.heard().length, performance.now()];
    if (type === 'TRANSFER') await waitForRinging(near.media, answered);
    await slow.sipp.event('bye');
    between(performance.now() - answeredMs, 4_000, 12_000, 'milliseconds from the answer to the end');
    if (type === 'QUEUE') {
      assertHeard(near.media.heard().subarray(answered), [wait], { allowOther: true });
    }
    assertHeard(slow.media.heard(), [whisper], { allowOther: true });
    await afterPrompt(taker.media, whisper);
    await taker.media.waitForSpeech(15_000, taker.media.heard().length);
    await taker.media.pressAll('1');
    void taker.media.say(tone(FAR_HZ, 25_000));
    await untilBothHear(near.media, taker.media);
    await taker.sipp.tell();
    await ended(slow, taker, near);
    equal(await outcomeOf(running.user), { ...outcome, who: user }, 'outcome');
  });
}
