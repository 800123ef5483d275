/** The sample flows, called by a phone and calling a phone: every sentence that is heard is checked. */
import { assertHeard } from '../lib/audio.ts';
import { Baresip } from '../lib/baresip.ts';
import { equal } from '../lib/check.ts';
import type { TestContext } from '../lib/context.ts';
import { afterPrompt } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call, type PhoneCall, quickstartAccount, reach, registeredPhone } from '../lib/phone.ts';
import { prompt, prompts } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import { assertContinuous } from '../lib/rtp-received.ts';
import type { Server } from '../lib/server.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

interface Branch {
  /** Key pressed after the first sentence; null: none. */
  key: string | null;
  heard: string[];
}

interface Sample {
  flow: string;
  branches: Branch[];
}

const CONDITIONAL = 'Hello world. Welcome to conditional processing. Please press one on your telephone keypad.';
const VARIABLE =
  'Hello world. Welcome to variable processing. Press 1 if you are male of over the age of 21. Otherwise press two. Then press pound.';
const VARIABLE_END = 'We hope you enjoyed variable processing. Good bye.';

const SAMPLES: Sample[] = [
  { flow: 'hello-world', branches: [{ key: null, heard: ['Hello, world.'] }] },
  {
    flow: 'conditional',
    branches: [
      { key: '1', heard: [CONDITIONAL, 'You pressed 1. Thank you for following instructions.'] },
      { key: '2', heard: [CONDITIONAL, 'You did not press 1, and did not follow instructions.'] },
      { key: null, heard: [CONDITIONAL, 'You did not press 1, and did not follow instructions.'] },
    ],
  },
  {
    flow: 'variable',
    branches: [
      { key: '1', heard: [VARIABLE, 'You pressed 1, or you are over 21.', VARIABLE_END] },
      { key: '2', heard: [VARIABLE, 'You did not press 1 and are not a male or are not over 21.', VARIABLE_END] },
    ],
  },
  {
    flow: 'multi-action',
    branches: [
      {
        key: null,
        heard: [
          'Hello, world. Welcome to multi action processing. You can have one or more actions in the same script.',
          'You successfully navigated to a labeled action.',
        ],
      },
    ],
  },
];

const TIMEOUT_MS = 45_000;

function sampleNumber(server: Server, flow: string): Promise<string> {
  return newNumber(server, { url: `${server.quickstart.flows_url}/${flow}.json`, method: 'GET' });
}

/** Presses the branch's key after the first sentence and checks what the whole call said. */
async function follow(phone: PhoneCall, branch: Branch): Promise<void> {
  const expected = await prompts(...branch.heard);
  const [first] = expected;
  if (branch.key !== null && first !== undefined) {
    await afterPrompt(phone.media, first);
    await phone.media.press(branch.key);
  }
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), expected);
  assertContinuous(phone.media.continuity());
}

for (const { flow, branches } of SAMPLES) {
  for (const branch of branches) {
    const pressed = branches.length === 1 ? '' : branch.key === null ? ', nothing pressed' : `, pressing ${branch.key}`;
    test(`inbound ${flow}${pressed}`, { timeoutMs: TIMEOUT_MS }, async (t) => {
      const server = await sharedServer();
      await follow(await call(t, server, { to: await sampleNumber(server, flow), timeoutMs: 40_000 }), branch);
    });
    test(`outbound ${flow}${pressed}`, { timeoutMs: TIMEOUT_MS, uses: ['sip-user'] }, async (t) => {
      const server = await sharedServer();
      const number = await sampleNumber(server, flow);
      const phone = await registeredPhone(t, server, {
        timeoutMs: 40_000,
        script: (callee, answer) =>
          callee.expectInvite().reply(180).reply(200, { body: answer }).expectAck().expectBye(35_000),
      });
      await dial(server, number);
      await follow(phone, branch);
    });
  }
}

function dial(server: Server, number: string): Promise<string> {
  return new Rest(server).makeCall({
    call: { no: server.quickstart.sip_user_no, caller_id_no: number },
    session_data: { firstName: 'Ada' },
    timeout: 20,
    max_call_time: 60_000,
  });
}

test('inbound hello-world on the number of the first start', async (t) => {
  const server = await sharedServer();
  await follow(await call(t, server, { to: server.quickstart.number }), { key: null, heard: ['Hello, world.'] });
});

test('the vendor’s names of the sample flows work', async () => {
  const { flows_url: flows } = (await sharedServer()).quickstart;
  const [own, vendors] = await Promise.all(
    ['conditional.json', 'Example-ConditionalProcessing.json'].map(async (name) =>
      (await fetch(`${flows}/${name}`)).json(),
    ),
  );
  equal(vendors, own, 'Example-ConditionalProcessing.json');
});

async function softphone(t: TestContext, server: Server, register: boolean): Promise<Baresip> {
  const { remote } = await reach(t, server, 'udp');
  const { user, password } = quickstartAccount(server);
  return Baresip.start(t, { user, password, domain: server.quickstart.sip_domain, outbound: remote, register });
}

test('baresip calls hello-world', async (t) => {
  const server = await sharedServer();
  const phone = await softphone(t, server, false);
  await phone.dial(`sip:${server.quickstart.number}@${server.quickstart.sip_domain}`);
  await phone.event('CALL_ESTABLISHED');
  await phone.event('CALL_CLOSED');
  await phone.quit();
  assertHeard(phone.heard(), await prompts('Hello, world.'), { inPieces: true });
});

test('baresip calls conditional and presses 1', { timeoutMs: TIMEOUT_MS }, async (t) => {
  const server = await sharedServer();
  const number = await sampleNumber(server, 'conditional');
  const phone = await softphone(t, server, false);
  await phone.dial(`sip:${number}@${server.quickstart.sip_domain}`);
  await phone.event('CALL_ESTABLISHED');
  const question = await prompt(CONDITIONAL);
  await phone.hears(question);
  await phone.press('1');
  await phone.event('CALL_CLOSED');
  await phone.quit();
  const answer = await prompt('You pressed 1. Thank you for following instructions.');
  assertHeard(phone.heard(), [question, answer], { inPieces: true });
});

test('baresip is called and hears hello-world', { uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const number = await sampleNumber(server, 'hello-world');
  const phone = await softphone(t, server, true);
  await dial(server, number);
  await phone.event('CALL_INCOMING');
  await phone.answer();
  await phone.event('CALL_ESTABLISHED');
  await phone.event('CALL_CLOSED');
  await phone.quit();
  assertHeard(phone.heard(), await prompts('Hello, world.'), { inPieces: true });
});

test('two calls at once hear their own flows', async (t) => {
  const server = await sharedServer();
  const [first, second] = [await sampleNumber(server, 'hello-world'), await sampleNumber(server, 'multi-action')];
  const [hello, multi] = await Promise.all([
    call(t, server, { to: first, name: 'first' }),
    call(t, server, { to: second, name: 'second' }),
  ]);
  const sample = SAMPLES.find(({ flow }) => flow === 'multi-action')?.branches[0];
  if (sample === undefined) throw new Error('no multi-action sample');
  await Promise.all([follow(hello, { key: null, heard: ['Hello, world.'] }), follow(multi, sample)]);
});
