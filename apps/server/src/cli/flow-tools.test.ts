import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SCHEMA_VERSION } from '@voxology/callflow';
import { expect, test, vi } from 'vitest';
import { FLOWS, file, folder, run, serve, serveNothing } from './commands-under-test.ts';
import { graphCommand } from './graph.ts';
import { lintCommand } from './lint.ts';
import { replayCommand } from './replay.ts';
import { schemaCommand } from './schema.ts';
import { simulateCommand } from './simulate.ts';
import { asTool } from './tool.ts';

test('lint: places for people, for programs and for GitHub; exit codes', async () => {
  const bad = file('bad.json', { actions: [{ type: 'SAI' }, { type: 'HANGUP' }] });
  const text = await run(lintCommand(), join(FLOWS, 'hello-world.json'), bad);
  expect(text.code).toBe(1);
  expect(text.out).toMatch(
    /^ok {2}.*hello-world\.json\n\n.*bad\.json\n {2}4:15 {2}error {4}there is no action "SAI" {2}unknown-action/,
  );
  expect(text.out).toContain('1 error, 0 warnings in 2 files');

  const json = await run(lintCommand(), '--format', 'json', bad);
  expect(JSON.parse(json.out)).toMatchObject([
    { file: bad, findings: [{ rule: 'unknown-action', line: 4, column: 15 }] },
  ]);

  const github = await run(lintCommand(), '--format', 'github', bad);
  expect(github.out).toBe(
    `::error file=${bad},line=4,col=15,title=unknown-action::there is no action "SAI". Did you mean "SAY"?\n`,
  );
  expect(await run(lintCommand(), join(folder, 'none.json'))).toMatchObject({ code: 2, out: '' });
  expect((await run(lintCommand(), join(FLOWS, 'multi-action.json'))).code).toBe(0);
});

test('lint: folders, and patterns that no shell has resolved', async () => {
  const flow = { actions: [{ type: 'HANGUP' }] };
  const [b, a] = [file('many/b.yaml', 'actions:\n  - type: HANGUP\n'), file('many/below/a.json', flow)];
  file('many/package.json', { name: 'no flow' });
  file('many/flow.schema.json', { properties: { actions: {} } });
  file('many/node_modules/x/c.json', flow);
  file('many/.hidden/d.json', flow);
  const many = join(folder, 'many');
  expect((await run(lintCommand(), many)).out).toBe(`ok  ${b}\nok  ${a}\n0 errors, 0 warnings in 2 files\n`);
  expect((await run(lintCommand(), join(many, '*.yaml'))).out).toContain(`ok  ${b}\n0 errors, 0 warnings in 1 file\n`);
  expect(await run(lintCommand(), join(many, '*.yml'))).toMatchObject({ code: 2, out: '' });
  writeFileSync(file('many/c.json', ''), Buffer.from('{"actions":[{"type":"\xff"}]}', 'latin1'));
  const one = await run(lintCommand(), many);
  expect(one).toMatchObject({ code: 2, err: expect.stringContaining('c.json is no UTF-8 text') });
  expect(one.out).toContain('in 2 files');
  const empty = dirname(file('none/package.json', {}));
  expect(await run(lintCommand(), empty)).toMatchObject({ code: 2, err: expect.stringContaining('no call flow in') });
});

test('no colours when none are wanted', async () => {
  const flow = file('flow.json', { actions: [{ type: 'HANGUP' }] });
  const coloured = '\u001b[3';
  for (const [command, ...args] of [[lintCommand], [simulateCommand, '--at', '2026-01-02T09:00Z']] as const) {
    vi.stubEnv('NO_COLOR', undefined);
    vi.stubEnv('FORCE_COLOR', '1');
    expect((await run(command(), flow, ...args)).out).toContain(coloured);
    expect((await run(command(), flow, ...args, '--no-color')).out).not.toContain(coloured);
  }
  vi.unstubAllEnvs();
});

test('a reader that has had enough, such as head, ends a command without a word', async () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
  const listen = vi.spyOn(process.stdout, 'on').mockReturnThis();
  await run(asTool(graphCommand()), file('flow.json', { actions: [] }));
  const [event, ended] = (listen.mock.calls[0] ?? []) as unknown as [string, (error: Error) => void];
  expect(event).toBe('error');
  ended(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(exit.mock.calls).toEqual([[]]);
  expect(() => ended(new Error('disk full'))).toThrow('disk full');
});

test('what cannot be read is named, with what is wrong with it', async () => {
  const none = join(folder, 'none.json');
  expect(await run(lintCommand(), none)).toMatchObject({ code: 2, err: `There is no file ${none}.\n` });
  expect((await run(graphCommand(), folder)).err).toContain('is a folder; name a file in it');
  expect((await run(graphCommand(), 'https://example.com/x')).err).toContain('is an address, not a file');
  const tab = file('tab.yaml', 'actions:\n\t- type: SAY\n');
  expect((await run(lintCommand(), tab)).out).toMatch(/2:1 .*tabs are not allowed.*\n +Indent with spaces\./);
  expect((await run(graphCommand(), tab)).err).toContain(`${tab} is not valid YAML: tabs`);
  expect((await run(lintCommand(), file('empty.json', ''))).out).toMatch(/the text is empty.*\n.*actions.*\n\n1 error/);
  expect((await run(replayCommand(), tab)).err).toContain('is not JSON');
  const utf16 = file('utf16.json', '');
  writeFileSync(utf16, Buffer.from('\ufeff{"actions":[]}', 'utf16le'));
  expect(await run(lintCommand(), utf16)).toMatchObject({
    code: 2,
    err: `${utf16} is no UTF-8 text; save it as UTF-8.\n`,
  });
  expect((await run(replayCommand(), file('flow.json', {}))).err).toContain('Save one from GET /v1/CallFlows/Logs');
});

test('a command that is written wrong ends with 2, its help with 0', async () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('exited');
  });
  const hint = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const graph = () => asTool(graphCommand()).configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  await expect(graph().parseAsync(['--foo'], { from: 'user' })).rejects.toThrow('exited');
  await expect(graph().parseAsync(['--help'], { from: 'user' })).rejects.toThrow('exited');
  expect(exit.mock.calls).toEqual([[2], [0]]);
  expect(hint.mock.calls).toEqual([['voxology graph --help tells what can be written.']]);
});

test.each([
  ['1', 'You pressed 1. Thank you for following instructions.'],
  ['2', 'You did not press 1, and did not follow instructions.'],
  ['', 'You did not press 1, and did not follow instructions.'],
])('simulate conditional.json, pressing %j', async (keys, said) => {
  const { out, code } = await run(simulateCommand(), join(FLOWS, 'conditional.json'), '--press', keys, '--json');
  const { heard, outcome } = JSON.parse(out) as { heard: string[]; outcome: { status: string } };
  expect(heard).toEqual([
    'Hello world. Welcome to conditional processing. Please press one on your telephone keypad.',
    said,
  ]);
  expect([outcome.status, code]).toEqual(['completed', 0]);
});

test.each([
  ['hello-world', [], ['Hello, world.']],
  ['variable', ['--press', '1#'], [/^Hello world/, 'You pressed 1, or you are over 21.', /Good bye\.$/]],
  ['variable', ['--press', '2#'], [/^Hello world/, /^You did not press 1/, /Good bye\.$/]],
  ['multi-action', [], [/^Hello, world/, 'You successfully navigated to a labeled action.']],
])('simulate %s %j', async (name, args, expected) => {
  const { out } = await run(simulateCommand(), join(FLOWS, `${name}.json`), ...args, '--json');
  const { heard } = JSON.parse(out) as { heard: string[] };
  expect(heard.length).toBe(expected.length);
  for (const [index, text] of expected.entries()) expect(heard[index]).toMatch(text);
});

test('simulate a web server: it is really asked, by POST and by GET', async () => {
  const seen: string[] = [];
  const url = await serve(({ method, url: path }, body) => {
    seen.push(`${method} ${path === '/' ? JSON.parse(body).type : decodeURIComponent(path ?? '').slice(0, 20)}`);
    const digits =
      method === 'POST'
        ? JSON.parse(body).key_presses[0]?.digits
        : /digits\]=(\d+)/.exec(decodeURIComponent(path ?? ''))?.[1];
    if (digits === undefined) return { json: { actions: [{ type: 'COLLECT', params: { num_digits: 2 } }] } };
    return { json: { actions: [{ type: 'SAY', params: { text: `Got ${digits}.` } }, { type: 'HANGUP' }] } };
  });
  const post = await run(simulateCommand(), `${url}/`, '--press', '42');
  expect(post.out).toMatch(/hears +"Got 42\."/);
  expect(seen).toEqual(['POST init_call', 'POST live_call', 'POST end_call']);
  const get = await run(simulateCommand(), `${url}/x`, '--press', '42', '--method', 'GET');
  expect(get.out).toMatch(/hears +"Got 42\."/);
  expect(seen[3]).toBe('GET /x?type=init_call&ap');
});

test('an expression that cannot be read: what, where and how to mend it, in lint and in simulate', async () => {
  const path = file('bad.json', { actions: [{ $b: '$a ==' }, { type: 'HANGUP' }] });
  const linted = await run(lintCommand(), path);
  expect(linted.out).toMatch(
    / 4:\d+ +error +the expression ends behind "==" +invalid-expression\n +Write a value there/,
  );
  const { out, err } = await run(simulateCommand(), path);
  expect(out).toMatch(/warning .*the expression ends behind "=="; write a value there.* \(column 6\) +actions\[0\]/);
  expect(err).toContain(`In which line of the file: voxology lint ${path}`);
});

test('simulate a web server that does not answer: it is told who is waited for, and how long at most', async () => {
  const url = await serveNothing();
  const { out, err, code } = await run(simulateCommand(), url, '--timeout', '1200ms');
  expect(err).toContain(`Waiting for the answer to init_call from POST ${url}, for 1.2 s at most …`);
  expect(out).toMatch(/callback +init_call to POST .* failed: .*1\.?2/);
  expect(code).toBe(1);
});

test('simulate a web server that fails: exit code 1 and the reason', async () => {
  const url = await serve(() => ({ status: 404, json: {} }));
  const { out, code } = await run(simulateCommand(), url);
  expect(code).toBe(1);
  expect(out).toContain(`POST ${url} answered 404; a callback must be answered with 200 and JSON or YAML`);
});

test('simulate: wrong options say what is right', async () => {
  const flow = join(FLOWS, 'hello-world.json');
  expect((await run(simulateCommand(), flow, '--press', 'x')).err).toContain('Keys are 0-9');
  expect((await run(simulateCommand(), flow, '--hangup-after', 'soon')).err).toContain('5s, 800ms or 2m');
  expect((await run(simulateCommand(), flow, '--session-data', '[]')).err).toContain('Write a JSON object');
  expect((await run(simulateCommand(), flow, '--at', 'noon')).err).toContain(
    'Write a time such as 2026-01-02T09:00:00Z.',
  );
  expect(await run(simulateCommand(), join(folder, 'none.json'))).toMatchObject({ code: 2 });
});

const CONDITIONAL: object[] = [
  { type: 'digit', atMs: 900, digit: '1', durationMs: 90 },
  { type: 'playback_ended', atMs: 905, playbackId: 'p1', outcome: 'stopped' },
  { type: 'playback_ended', atMs: 3000, playbackId: 'p2', outcome: 'completed' },
];

/** A log as the server gives it, of a call to conditional.json; pressed: 1. */
async function log(
  bodyText = readFileSync(join(FLOWS, 'conditional.json'), 'utf8'),
  heard: object[] = CONDITIONAL,
): Promise<{ call_id: string; events: object[] }> {
  const { createInterpreter, defaultFlowSettings } = await import('@voxology/callflow');
  const place = { city: '', region: '', country: '', timezone: '' };
  const url = 'https://example.com/flow';
  const inputs: object[] = [
    {
      type: 'start',
      atMs: 0,
      call: {
        callId: '1@x',
        appId: '',
        subaccountId: '0',
        direction: 'inbound',
        callerNo: '+1',
        callerPlace: place,
        apiNo: '+2',
        apiPlace: place,
        startTimeMs: 0,
        customData: null,
        sipDomain: '',
        sipForwardedFor: '',
      },
      settings: defaultFlowSettings({ url, method: 'GET', contentType: '' }),
      sessionData: null,
      seed: 1,
    },
    { type: 'callback_answered', atMs: 80, requestId: 'r1', httpStatus: 200, bodyText },
    { type: 'answered', atMs: 100 },
    ...heard,
    { type: 'ended', atMs: 3050, status: 'completed', by: 'api', reason: 'HANGUP', error: null },
  ];
  const interpreter = createInterpreter();
  let state = interpreter.initialState();
  const events: object[] = [];
  for (const input of inputs) {
    const { type, atMs, ...data } = input as { type: string; atMs: number };
    const time = new Date(atMs).toISOString();
    events.push({ seq: events.length + 1, time, kind: 'input', type, data });
    const step = interpreter.step(state, input as Parameters<typeof interpreter.step>[1]);
    state = step.state;
    for (const { type: did, ...rest } of step.effects)
      events.push({ seq: events.length + 1, time, kind: 'effect', type: did, data: rest });
  }
  return { call_id: '1@x', events };
}

test('replay a saved log, and one the server has', async () => {
  const path = file('call.json', await log());
  const saved = await run(replayCommand(), path);
  expect(saved.code).toBe(0);
  expect(saved.out).toMatch(/state +\$keyPresses: "1"/);
  expect(saved.out).toMatch(/7 steps, \d+ effects: all as in the log\./);

  const asked: string[] = [];
  const content = await log();
  const url = await serve(({ url: asking, headers }) => {
    asked.push(`${asking} ${headers['x-api-key']}`);
    return asking?.endsWith('1%40x') === true ? { json: content } : { status: 404, json: {} };
  });
  file('quickstart.json', { http_url: url, api_key: 'secret' });
  expect((await run(replayCommand(), '1@x', '--data', folder)).code).toBe(0);
  expect(asked).toEqual(['/v1/CallFlows/Logs/1%40x secret']);
  expect(await run(replayCommand(), '2@x', '--data', folder)).toMatchObject({ code: 2 });
  expect((await run(replayCommand(), '2@x', '--data', join(folder, 'none'))).err).toContain('There is no file 2@x');
});

test('replay against a new flow: where it goes another way, and the call it would be', async () => {
  const path = file('call.json', await log());
  expect((await run(replayCommand(), path, '--against', join(FLOWS, 'conditional.json'))).code).toBe(0);
  const { out, code } = await run(replayCommand(), path, '--against', join(FLOWS, 'variable.json'));
  expect(code).toBe(1);
  expect(out).toMatch(/logged +play p1 .*conditional processing/);
  expect(out).toMatch(/new flow +play p1 .*variable processing/);
  expect(out).toMatch(/hears +"You pressed 1, or you are over 21\."/);
});

test('replay against a new flow: it has the apology of the application', async () => {
  const call = await log();
  const [start] = call.events as { data: { settings: object } }[];
  if (start !== undefined) start.data.settings = { ...start.data.settings, apologyText: 'Something is broken here.' };
  const { out } = await run(replayCommand(), file('call.json', call), '--against', file('none.json', '[1]'));
  expect(out).toMatch(/hears +"Something is broken here\."/);
});

test('replay against a new flow: what a callee pressed is nothing that the caller does', async () => {
  const confirm = [{ type: 'COLLECT', params: { num_digits: 1 } }];
  const transfer = { type: 'TRANSFER', params: { no: '+12125550111' }, confirm };
  const ask = { type: 'COLLECT', params: { num_digits: 1 }, actions: [{ type: 'SAY', params: { text: 'A key?' } }] };
  const leg = { transferId: 'x1', no: '+12125550111' };
  const call = await log(JSON.stringify({ actions: [transfer, ask, { type: 'HANGUP' }] }), [
    { type: 'callee_answered', atMs: 200, leg },
    { type: 'digit', atMs: 300, digit: '1', durationMs: 90, leg },
    { type: 'transfer_answered', atMs: 400, transferId: 'x1', no: leg.no },
    { type: 'transfer_ended', atMs: 900, transferId: 'x1', status: 'completed', sipStatus: null, error: null },
    { type: 'digit', atMs: 1_000, digit: '7', durationMs: 90 },
  ]);
  const flow = file('new.json', { actions: [ask, { type: 'HANGUP' }] });
  const { out } = await run(replayCommand(), file('call.json', call), '--against', flow);
  expect(out).toMatch(/presses +7/);
  expect(out).not.toMatch(/presses +1/);
  const asking = file('asking.json', { actions: [transfer, { type: 'HANGUP' }] });
  const again = await run(replayCommand(), file('call.json', call), '--against', asking);
  expect(again.out).toMatch(/callee +\+12125550111 presses 1\n/);
});

test('graph', async () => {
  const { out, code } = await run(graphCommand(), join(FLOWS, 'conditional.json'));
  expect([out.split('\n')[0], code]).toEqual(['flowchart TD', 0]);
  expect((await run(graphCommand(), join(FLOWS, 'conditional.json'), '--format', 'svg')).out).toMatch(
    /^<svg .*<\/svg>\n$/s,
  );
  expect(await run(graphCommand(), file('bad.json', '{'))).toMatchObject({ code: 2 });
});

const YAML_FLOW = `# A menu
name: Menu
actions:
  - type: COLLECT
    name: rating
    params: { num_digits: 1 }
    actions:
      - type: SAY
        params: { text: Hello world. Welcome to conditional processing. }
  - type: IF
    condition: $keyPresses == '1'
    then:
      - { type: SAY, params: { text: One. } }
    orElse:
      - { type: SAY, params: { text: Not one. } }
  - type: HANGUP
`;

test('YAML: lint, simulate, graph, replay against it, and an answer of a web server', async () => {
  const flow = file('menu.yaml', YAML_FLOW);
  expect((await run(lintCommand(), flow)).out).toMatch(/^ok {2}/);
  const bad = await run(lintCommand(), file('bad.yml', YAML_FLOW.replace('Not one.', '"Not {{$one}}"')));
  expect(bad.out).toMatch(/15:46 {2}warning .*unset-variable/);
  expect((await run(simulateCommand(), flow, '--press', '1')).out).toMatch(/hears +"One\."/);
  expect((await run(graphCommand(), flow)).out).toContain('a0{"COLLECT rating"}');
  const replayed = await run(replayCommand(), file('call.json', await log()), '--against', flow);
  expect(replayed.code).toBe(1);
  expect(replayed.out).toMatch(/hears +"One\."/);
  const url = await serve(() => ({ text: YAML_FLOW }));
  expect((await run(simulateCommand(), url, '--press', '1')).out).toMatch(/hears +"One\."/);
});

test('schema: the current one, and those before it', async () => {
  const { out, code } = await run(schemaCommand());
  expect([JSON.parse(out).$id, code]).toEqual([`urn:voxology:call-flow:${SCHEMA_VERSION}`, 0]);
  const first = await run(schemaCommand(), '--version', '1.0');
  expect([JSON.parse(first.out).$id, first.code]).toEqual(['urn:voxology:call-flow:1.0', 0]);
  const none = await run(schemaCommand(), '--version', '0.7');
  expect(none.err).toContain('Allowed choices are 1.0');
});
