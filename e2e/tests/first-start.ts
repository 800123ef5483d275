/** What a stranger meets: the printed text, the commands in it, the files on disk, and what logs must not tell. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { assertHeard } from '../lib/audio.ts';
import { until } from '../lib/bounded.ts';
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { equal, matches, ok } from '../lib/check.ts';
import type { TestContext } from '../lib/context.ts';
import { actions, afterPrompt, collect, fill, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { prompt, prompts } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import type { Quickstart, Server } from '../lib/server.ts';
import { ownServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { VoxologyCommand } from '../lib/voxology.ts';

test('first start: the printed commands work when pasted', { timeoutMs: 90_000 }, async (t) => {
  const server = await ownServer(t);
  const text = server.output();
  ok(text.split('\n').length < 20, `under 20 lines:\n${text}`);
  const { http_url: http, api_key: key, sip_user: user, sip_password: password, number } = server.quickstart;
  for (const fact of [http, key, user, password, number, server.quickstart.sip_address]) {
    ok(text.includes(fact), `${fact} is printed`);
  }
  const phone = /^ +(npx voxology phone .*)$/m.exec(text)?.[1] ?? '';
  const called = await VoxologyCommand.shell(t, phone).finished();
  equal(called.exitCode, 0, `exit code of "${phone}", which printed ${called.text}`);
  matches(called.text, /Answered[\s\S]*The other side hung up after [1-9]/, 'the first call');

  const curl = /^ +(curl (?:.*\\\n)*.*)$/m.exec(text)?.[1] ?? '';
  const configured = await VoxologyCommand.shell(t, curl.replace(/^curl /, 'curl --silent --show-error ')).finished();
  equal(configured.exitCode, 0, `exit code of "${curl}", which printed ${configured.text}`);
  const answer = JSON.parse(configured.text) as { callback?: { url?: string } };
  matches(answer.callback?.url, /conditional\.json$/, 'what the curl command was answered');
  const question = await prompt(
    'Hello world. Welcome to conditional processing. Please press one on your telephone keypad.',
  );
  const caller = await call(t, server, { to: number, timeoutMs: 40_000 });
  await afterPrompt(caller.media, question);
  await caller.media.press('1');
  await caller.sipp.succeeded();
  const thanks = await prompt('You pressed 1. Thank you for following instructions.');
  assertHeard(caller.media.heard(), [question, thanks]);
});

test('first start: secrets are readable by their owner alone', { timeoutMs: 60_000 }, async (t) => {
  const server = await ownServer(t);
  const { dataDir, quickstart } = server;
  equal((statSync(join(dataDir, 'quickstart.json')).mode & 0o777).toString(8), '600', 'mode of quickstart.json');
  const secrets = secretsOf(quickstart);
  const open = filesForAll(dataDir);
  for (const file of open) {
    ok(!/key|secret|password|quickstart|postgres/i.test(file), `${file} is readable by everybody`);
    const content = readFileSync(file, 'latin1');
    for (const [what, secret] of secrets)
      ok(!content.includes(secret), `${file}, readable by everybody, holds ${what}`);
  }
  await server.stop();
  const all = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  ok(all.length > open.length, 'the data directory has files');
  for (const entry of all) {
    const path = join(entry.parentPath, entry.name);
    if (path === join(dataDir, 'quickstart.json')) continue;
    const content = readFileSync(path, 'latin1');
    for (const [what, secret] of secrets) ok(!content.includes(secret), `${path} holds ${what} in the clear`);
  }
});

test('no secret, no digit and no spoken text is in the server’s log', { timeoutMs: 60_000 }, async (t) => {
  const server = await ownServer(t, { config: { log_level: 'trace' } });
  const [digits, words] = ['739146', 'Rumpelstiltskin'];
  const user = await CallbackServer.open(t, [
    actions(
      { type: 'SESSIONDATA', session_data: { pin: 'xyzzy-4711' } },
      say(`My name is ${words}.`),
      collect('pin', { num_digits: 6, timeout: 6_000 }),
      say(`You typed ${fill('keyPresses')}.`),
      hangUp,
    ),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: `${user.url}/flow?token=s3cr3t-in-url` });
  await new Rest(server, 'vx_a-wrong-key-that-nobody-has').get('/v1/PhoneNumbers/Available');
  const phone = await call(t, server, { to: number });
  await afterPrompt(phone.media, await prompt(`My name is ${words}.`));
  await phone.media.pressAll(digits);
  await phone.sipp.succeeded();
  equal(fieldsOf(await user.first('end_call')).key_presses, [{ name: 'pin', digits }], 'key_presses');
  const [wrong] = await prompts('Good bye.');
  ok(wrong !== undefined, 'speech works');
  await server.stop();
  // The first lines are for the person who started the server; the log is JSON.
  const log = server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  ok(log.length > 0, 'something is logged at this level');
  const text = log.join('\n');
  for (const [what, secret] of [
    ...secretsOf(server.quickstart),
    ['the digits', digits],
    ['the spoken text', words],
    ['session data', 'xyzzy-4711'],
    ['the token of a callback URL', 's3cr3t-in-url'],
    ['a key that was tried', 'a-wrong-key-that-nobody-has'],
  ] as const) {
    const line = log.find((one) => one.includes(secret));
    ok(!text.includes(secret), `${what} is in the log: ${line}`);
  }
});

test('start: a busy port is named with the flag that chooses another', { timeoutMs: 60_000 }, async (t) => {
  const server = await ownServer(t);
  const { http_url: http, sip_address: sip } = server.quickstart;
  const [httpBusy, sipBusy] = [new URL(http).host, sip];
  const rtp = ['--rtp', '127.0.0.1:61000-61020'];
  for (const [flags, address, flag] of [
    [['--http', httpBusy, '--sip', '127.0.0.1:0'], httpBusy, '--http'],
    [['--http', '127.0.0.1:0', '--sip', sipBusy], sipBusy, '--sip'],
  ] as const) {
    const data = t.file(`data${flag}`);
    const { exitCode, text } = await VoxologyCommand.start(t, 'start', '--data', data, ...flags, ...rtp).finished();
    equal(exitCode, 1, `exit code with a busy ${flag}`);
    ok(text.includes(address) && text.includes(flag), `${address} and ${flag} are named: ${text}`);
    ok(!/\n\s+at /.test(text), `no stack trace: ${text}`);
  }
  await stillServes(t, server);
});

async function stillServes(t: TestContext, server: Server): Promise<void> {
  const phone = await call(t, server, { to: server.quickstart.number });
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts('Hello, world.'));
  await until('no call is left', async () => (await liveCalls(server)) === 0 || undefined, 10_000);
}

async function liveCalls(server: Server): Promise<number> {
  return ((await new Rest(server).get('/v1/LiveCalls')).body.live_calls as unknown[]).length;
}

/** What nobody else may read: as it is, and as digest hashes. */
function secretsOf({ api_key: key, sip_user: user, sip_domain: domain, sip_password: password }: Quickstart) {
  const a1 = `${user}:${domain}:${password}`;
  return [
    ['the API key', key],
    ['the SIP password', password],
    ['the MD5 HA1', createHash('md5').update(a1).digest('hex')],
    ['the SHA-256 HA1', createHash('sha256').update(a1).digest('hex')],
  ] as const;
}

/** Files below `folder` that any user of the machine can reach and read. */
function filesForAll(folder: string): string[] {
  if ((statSync(folder).mode & 0o011) === 0) return [];
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesForAll(path));
    else if (entry.isFile() && (statSync(path).mode & 0o044) !== 0) found.push(path);
  }
  return found;
}
