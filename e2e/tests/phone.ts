/** `voxology phone`: the SIP phone on the terminal, as its user sees and hears it. */
import { assertHeard, LINE_RATE_HZ } from '../lib/audio.ts';
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { between, equal, matches, ok } from '../lib/check.ts';
import type { TestContext } from '../lib/context.ts';
import { actions, collect, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { freePort } from '../lib/ports.ts';
import { prompt, prompts } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import type { Server } from '../lib/server.ts';
import { ownServer, sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { type Finished, VoxologyCommand } from '../lib/voxology.ts';
import { readWav } from '../lib/wav.ts';

function phone(t: TestContext, server: Server, ...args: string[]): VoxologyCommand {
  return VoxologyCommand.start(t, 'phone', '--data', server.dataDir, ...args);
}

async function succeeded(command: VoxologyCommand): Promise<Finished> {
  const finished = await command.finished();
  equal(finished.exitCode, 0, `exit code of the phone, which printed "${finished.text}"`);
  return finished;
}

/** A recording of the phone, 8 kHz. */
function recorded(file: string): Int16Array {
  const { samples, sampleRateHz } = readWav(file);
  equal(sampleRateHz, LINE_RATE_HZ, 'sample rate of the recording');
  return samples;
}

test('phone: --dial and --record of hello-world', { timeoutMs: 40_000 }, async (t) => {
  const server = await sharedServer();
  const file = t.file('heard.wav');
  const { text } = await succeeded(phone(t, server, '--dial', server.quickstart.number, '--record', file));
  assertHeard(recorded(file), await prompts('Hello, world.'));
  matches(text, /Calling \+14155550100/, 'it tells whom it calls');
  matches(text, /Answered/, 'it tells the answer');
  matches(text, /The other side hung up after \d+\.\d s of audio/, 'it tells the end');
  ok(text.includes(file), 'it names the recording');
});

test('phone: --press takes the branch of conditional', { timeoutMs: 50_000 }, async (t) => {
  const server = await sharedServer();
  const number = await newNumber(server, { url: `${server.quickstart.flows_url}/conditional.json`, method: 'GET' });
  const file = t.file('heard.wav');
  await succeeded(phone(t, server, '--dial', number, '--press', ',,1', '--record', file));
  const answer = await prompt('You pressed 1. Thank you for following instructions.');
  assertHeard(recorded(file), [answer], { allowOther: true });
});

test('phone: --press sends every key, commas wait', { timeoutMs: 40_000 }, async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [
    actions(collect('k', { num_digits: 12, finish_on_key: '#', timeout: 10_000 })),
    actions(hangUp),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  await succeeded(phone(t, server, '--dial', number, '--press', '1120,*9,5#'));
  equal(fieldsOf(await user.first('live_call')).key_presses, [{ name: 'k', digits: '1120*95' }], 'key_presses');
});

test('phone: --for hangs up by itself, --json tells so', { timeoutMs: 40_000 }, async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [actions(collect('k', { timeout: 60_000 })), { status: 200 }]);
  const number = await newNumber(server, { url: user.url });
  const { text } = await succeeded(phone(t, server, '--dial', number, '--for', '1.5', '--json'));
  const outcome = JSON.parse(text) as Record<string, unknown>;
  equal([outcome.kind, outcome.by, outcome.record], ['ended', 'us', null], 'outcome');
  between(outcome.heard_ms, 500, 15_000, 'heard_ms');
  const callId = String(fieldsOf(await user.first('end_call')).call_id);
  equal((await new Rest(server).callLog(callId)).hangup_end, 'caller', 'hangup_end');
});

test('phone: --answer takes a call of Make Call', { timeoutMs: 50_000, uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [actions(say('This call is for you.'), hangUp), { status: 200 }]);
  const number = await newNumber(server, { url: user.url });
  const file = t.file('heard.wav');
  const answering = phone(t, server, '--answer', '--record', file);
  await answering.prints(/Registered/);
  const rest = new Rest(server);
  const callId = await rest.makeCall({ call: { no: server.quickstart.sip_user_no, caller_id_no: number } });
  const { text } = await succeeded(answering);
  assertHeard(recorded(file), await prompts('This call is for you.'));
  matches(text, /The other side hung up/, 'it tells the end');
  const log = await rest.callLog(callId);
  equal([log.status, log.hangup_end], ['completed', 'api'], 'status and hangup_end');
  const again = await rest.makeCall({ call: { no: server.quickstart.sip_user_no, caller_id_no: number }, timeout: 5 });
  equal((await rest.callLog(again)).status, 'no-answer', 'the phone has taken its registration back');
});

test('phone: Ctrl-C while waiting ends it', { timeoutMs: 40_000, uses: ['sip-user'] }, async (t) => {
  const answering = phone(t, await sharedServer(), '--answer');
  await answering.prints(/Registered/);
  answering.interrupt();
  const { text } = await answering.finished();
  ok(!/Error|at file:/.test(text), `no stack trace: ${text}`);
  ok(!/hung up after/.test(text), `no call is told that never was: ${text}`);
});

test('phone: a number that does not exist, in plain words', { timeoutMs: 40_000 }, async (t) => {
  const { exitCode, text } = await phone(t, await sharedServer(), '--dial', '+12125559999').finished();
  equal(exitCode, 1, 'exit code');
  matches(text, /No call: .*number.*404/, 'it tells that there is no such number');
  const json = await phone(t, await sharedServer(), '--dial', '+12125559999', '--json').finished();
  equal(json.exitCode, 1, 'exit code with --json');
  const outcome = JSON.parse(json.text) as Record<string, unknown>;
  equal([outcome.kind, outcome.status], ['failed', 404], 'outcome');
});

test('phone: wrong options and a wrong data directory are told, not thrown', { timeoutMs: 60_000 }, async (t) => {
  const wrong: [args: string[], told: RegExp][] = [
    [['--dial', '+14155550100', '--data', t.file('nothing-here')], /nothing-here.*Start the server first.*--data/s],
    [[], /--dial NUMBER or --answer/],
    [['--dial', '+14155550100', '--answer'], /--dial NUMBER or --answer/],
    [['--dial', '+14155550100', '--press', '1;2'], /Keys are/],
    [['--dial', '+14155550100', '--for', 'ever'], /number of seconds/],
  ];
  for (const [args, told] of wrong) {
    const { exitCode, text } = await VoxologyCommand.start(t, 'phone', ...args).finished();
    equal(exitCode, 1, `exit code of phone ${args.join(' ')}`);
    matches(text, told, `phone ${args.join(' ')}`);
    ok(!/\n\s+at /.test(text), `no stack trace: ${text}`);
  }
});

test('phone: a recording that cannot be written is told before the call', { timeoutMs: 40_000 }, async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [actions(hangUp), { status: 200 }]);
  const number = await newNumber(server, { url: user.url });
  const file = t.file('no/such/folder/x.wav');
  const { exitCode, text } = await phone(t, server, '--dial', number, '--record', file).finished();
  equal(exitCode, 1, 'exit code');
  ok(text.includes(file), `it names the file: ${text}`);
  equal(user.requests.length, 0, 'no call was made');
});

test('phone: a server that is not running is told soon', { timeoutMs: 60_000 }, async (t) => {
  const server = await ownServer(t);
  await server.stop();
  const { exitCode, text } = await phone(t, server, '--dial', '+14155550100').finished();
  equal(exitCode, 1, 'exit code');
  ok(text.includes(server.quickstart.sip_address), `it names the address: ${text}`);
});

test('doctor: all is well on free ports, a busy one is named', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const [http, sip, rtp] = [await freePort(), await freePort(), await freePort()];
  const media = `127.0.0.1:${rtp}-${rtp + 20}`;
  const free = ['--data', t.file('data'), '--sip', `127.0.0.1:${sip}`, '--rtp', media];
  const good = await VoxologyCommand.start(t, 'doctor', ...free, '--http', `127.0.0.1:${http}`, '--json').finished();
  equal(good.exitCode, 0, `exit code of doctor, which printed ${good.text}`);
  const findings = JSON.parse(good.text) as { name: string; state: string; detail: string }[];
  equal(
    findings.filter(({ state }) => state === 'problem'),
    [],
    'problems',
  );
  for (const name of ['Node', 'HTTP port', 'SIP port (UDP)', 'SIP port (TCP)', 'RTP', 'Text-to-speech']) {
    equal(findings.find((finding) => finding.name === name)?.state, 'ok', name);
  }
  const busy = new URL(server.quickstart.http_url).host;
  const bad = await VoxologyCommand.start(t, 'doctor', ...free, '--http', busy).finished();
  equal(bad.exitCode, 1, 'exit code with a busy port');
  const problems = bad.text.split('\n').filter((line) => line.startsWith('PROBLEM'));
  equal(problems.length, 1, `one problem in:\n${bad.text}`);
  ok(problems[0]?.includes(busy) && problems[0].includes('--http'), `the port and the flag are named: ${problems[0]}`);
});

test('voxology --help names every command, unknown ones are told', { timeoutMs: 40_000 }, async (t) => {
  const help = await VoxologyCommand.start(t, '--help').finished();
  equal(help.exitCode, 0, 'exit code');
  for (const command of ['start', 'phone', 'doctor']) {
    matches(help.text, new RegExp(`^ +${command}\\b`, 'm'), command);
    const own = await VoxologyCommand.start(t, command, '--help').finished();
    equal(own.exitCode, 0, `exit code of ${command} --help`);
    matches(own.text, new RegExp(`Usage: voxology ${command}`), `${command} --help`);
  }
  const unknown = await VoxologyCommand.start(t, 'fly').finished();
  equal(unknown.exitCode, 1, 'exit code of an unknown command');
  matches(unknown.text, /unknown command 'fly'/, 'it is told');
});
