import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACTIONS } from '../actions/registry.ts';
import { createInterpreter } from '../interpreter/interpreter.ts';
import { replay } from '../interpreter/replay.ts';
import type { JsonObject } from '../io.ts';
import type { SimulationScript } from './script.ts';
import { simulate } from './simulate.ts';
import { SimulationError } from './simulation.ts';
import { VirtualLine } from './virtual-line.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const flow = (...actions: JsonObject[]): JsonObject => ({ actions });

const MENU = flow(
  { type: 'COLLECT', name: 'choice', params: { num_digits: 1, timeout: 3000 }, actions: [say('Press one or two.')] },
  { type: 'IF', condition: "$keyPresses == '1'", then: [say('One.')], orElse: [say('Not one.')] },
  HANGUP,
);

describe('step by step', () => {
  test('prompts, keys and the end', async () => {
    const call = await simulate(MENU);
    call.hears('Press one').presses('1').hears('One.').ends({ by: 'api', status: 'completed' });
    expect(call.heard).toEqual(['Press one or two.', 'One.']);
    expect(call.outcome?.status).toBe('completed');
  });

  test('a key during the prompt cuts it short', async () => {
    const call = await simulate(MENU);
    call.presses('2').hears('Not one.');
    expect(call.elapsedMs).toBeLessThan(2_000);
  });

  test('what goes round and round in a COLLECT is heard twice, then the caller of the script presses', async () => {
    const music = { type: 'PLAY', params: { url: 'https://e.com/m.wav', loop: 0 } };
    const ask = { type: 'COLLECT', params: { num_digits: 1 }, actions: [music] };
    const call = await simulate(flow(ask, say('Thank you.'), HANGUP), { presses: ['1'] });
    call.ends({ by: 'api' });
    expect(call.heard).toEqual([...Array(3).fill('https://e.com/m.wav'), 'Thank you.']);
  });

  test('no key: the COLLECT waits as long as it says', async () => {
    const call = await simulate(MENU);
    call.hears('Press one');
    const before = call.elapsedMs;
    call.pressesNothing();
    expect(call.elapsedMs - before).toBe(3_000);
    call.hears('Not one.').ends();
  });

  test('the caller hangs up', async () => {
    const call = await simulate(MENU);
    call.hears('Press one').hangsUp();
    expect(call.outcome).toMatchObject({ status: 'completed', hangupEnd: 'caller' });
  });

  test('the caller gives up before the answer', async () => {
    const call = await simulate(MENU);
    call.hangsUp();
    expect(call.outcome).toMatchObject({ status: 'canceled', hangupEnd: 'caller', connectTimeSec: 0 });
  });

  test('session data, variables, the time of the call', async () => {
    const document = flow(
      { $hour: 'new Date().getUTCHours()', '$sessionData.seen': 'true' },
      say('Hello, ${sessionData.name}, it is ${hour}.'),
      HANGUP,
    );
    const call = await simulate(document, { at: '2026-07-01T15:30:00Z', sessionData: { name: 'Ann' } });
    call.hears('Hello, Ann, it is 15.');
    expect(call.variables).toEqual({ hour: 15 });
    expect(call.sessionData).toEqual({ name: 'Ann', seen: true });
  });

  test('outbound: it rings first', async () => {
    const call = await simulate(flow(say('Hi.'), HANGUP), { direction: 'outbound' });
    call.hears('Hi.').ends();
    expect(call.transcript.find(({ type }) => type === 'answered')?.atMs).toBe(2_000);
  });

  test('waits lets time pass and no more', async () => {
    const call = await simulate(MENU);
    call.waits(500);
    expect([call.elapsedMs, call.outcome]).toEqual([500, null]);
  });
});

describe('steps for what is around the prompts', () => {
  const music: JsonObject = { type: 'PLAY', params: { url: 'https://e.com/m.wav', loop: 3 } };
  const sms: JsonObject = { type: 'SMS', params: { no: '+12125550111', message: 'x' } };

  test('hearsLater passes over what else is heard', async () => {
    const call = await simulate(flow(music, say('One.'), music, say('Two.'), HANGUP));
    call.hearsLater('One.').hears(/m.wav/).hearsLater('Two.').ends();
    const other = await simulate(flow(music, say('One.'), HANGUP));
    expect(() => other.hearsLater('Two.')).toThrow(
      /expected the caller to hear "Two\.", but the call ended without it/,
    );
  });

  test('does looks for what the flow did, in order, also in what is over', async () => {
    const call = await simulate(flow({ $a: 1 }, sms, say('One.'), HANGUP));
    call
      .hears('One.')
      .does('$a = 1', /^message to \+12125550111/, 'the flow: HANGUP')
      .ends();
    expect(() => call.does('$a = 1')).toThrow(/expected the flow to do "\$a = 1", but the call ended without it/);
    expect(() => call.does('One.')).toThrow(SimulationError);
  });

  test('receives: actions, session data and the end come from outside', async () => {
    const call = await simulate(flow(music, say('Hello ${sessionData.name}.'), music, music, HANGUP));
    call.waits(2_000).receives({ sessionData: { name: 'Ann' } });
    call.receives({ actions: [say('First.')], when: 'after_current' }).hearsLater('First.', 'Hello Ann.');
    call
      .receives({ actions: [say('Now.')] })
      .hearsLater('Now.')
      .receives({ hangUp: 'enough' });
    call.does('the flow: enough').ends({ by: 'api' });
    expect(() => call.receives({ hangUp: 'late' })).toThrow(/came too late: the call was over/);
  });
});

describe('what goes wrong is told with the call so far', () => {
  test('another prompt', async () => {
    const call = await simulate(MENU);
    expect(() => call.hears('Good morning')).toThrow(
      /^expected the caller to hear "Good morning", but the next thing was "Press one or two\."\n\n {4}0\.00 s {2}call/,
    );
  });

  test('no prompt, no keys wanted, another end', async () => {
    const begin = () => simulate(flow(say('Bye.'), HANGUP));
    const calls = await Promise.all([begin(), begin(), begin(), begin(), begin()]);
    expect(() => calls[0].hears('Bye.', 'More')).toThrow(/hear "More", but the call ended/);
    expect(() => calls[1].presses('1')).toThrow(/could not press 1: the call ended/);
    expect(() => calls[2].ends({ by: 'caller' })).toThrow(/ended by "caller", but it was ended by "api"/);
    expect(() => calls[3].ends({ status: 'failed' })).toThrow(SimulationError);
    expect(() => calls[4].presses('x')).toThrow(TypeError);
  });

  test('a time that is none', async () => {
    await expect(simulate(MENU, { at: 'noon' })).rejects.toThrow(/at: "noon" is no time/);
  });
});

describe('a scripted caller', () => {
  const twice = flow(
    { type: 'COLLECT', name: 'a', params: { num_digits: 4, finish_on_key: '#', timeout: 2000 }, actions: [say('A?')] },
    { type: 'COLLECT', name: 'b', params: { num_digits: 1, timeout: 2000 } },
    HANGUP,
  );
  const pressed = async (...presses: string[]) =>
    (await simulate(twice, { presses }))
      .ends()
      .transcript.filter(({ type }) => type === 'collected')
      .map(({ text }) => text);

  test('presses an entry for each COLLECT', async () => {
    expect(await pressed('12#', '7')).toEqual([
      'a: digits 12, ended by finish_on_key',
      'b: digits 7, ended by num_digits',
    ]);
    expect(await pressed('12', '7')).toEqual(['a: digits 12, ended by timeout', 'b: digits 7, ended by num_digits']);
    expect(await pressed('', '7')).toEqual(['a: no digits, ended by timeout', 'b: digits 7, ended by num_digits']);
    expect(await pressed()).toEqual(['a: no digits, ended by timeout', 'b: no digits, ended by timeout']);
  });

  test('hangs up in time', async () => {
    const call = (await simulate(MENU, { hangupAfterMs: 800 })).ends({ by: 'caller' });
    expect(call.outcome?.durationMs).toBe(800);
  });

  test('has enough of a flow without an end', async () => {
    const call = (await simulate(flow(say('Again.')), { maxCallbacks: 3 })).ends({ by: 'caller' });
    expect(call.heard).toEqual(['Again.', 'Again.', 'Again.']);
    expect(call.text).toContain('the caller: the flow has been asked for 3 times');
  });

  test('hears SSML as long as its parts and pauses take, and a file from its offset on', async () => {
    const lengthOf = async (...actions: JsonObject[]) =>
      (await simulate(flow(...actions, HANGUP))).ends().outcome?.durationMs ?? 0;
    const spoken = await lengthOf(say('0123456789'));
    expect(await lengthOf(say('<speak>0123456789<break time="2s"/></speak>'))).toBe(spoken + 2_000);
    expect(await lengthOf(say('<speak><prosody rate="50%">0123456789</prosody></speak>'))).toBe(spoken + 650);
    const play = (offset: number) => ({ type: 'PLAY', params: { url: 'https://example.com/a.wav', offset } });
    expect((await lengthOf(play(0))) - (await lengthOf(play(1_500)))).toBe(1_500);
    expect((await lengthOf(play(0))) - (await lengthOf(play(99_000)))).toBe(5_000);
  });

  test('hears files as long as they are said to be, and misses those that fail', async () => {
    const document = flow(
      { type: 'PLAY', params: { url: ['https://example.com/a.wav', 'https://example.com/b.wav'] } },
      HANGUP,
    );
    const playback = ({ kind, ...source }: { kind: string; url?: string }) =>
      kind === 'url' && source.url?.endsWith('b.wav') === true ? new Error('not found') : 1_000;
    const call = (await simulate(document, { playback })).ends();
    expect(call.heard).toEqual(['https://example.com/a.wav']);
    expect(call.outcome?.durationMs).toBe(1_150);
    expect(call.text).toMatch(/ERROR +could not play https:\/\/example.com\/b.wav: not found/);
  });
});

describe('a server in place of a document', () => {
  test('is asked with the bodies of callbacks, the last one too', async () => {
    const call = await simulate(async ({ body }) =>
      body.type === 'init_call'
        ? flow({ type: 'COLLECT', name: 'pin', params: { num_digits: 2 } })
        : flow(say(`Got ${body.key_presses[0]?.digits}.`), HANGUP),
    );
    await call.presses('42');
    await call.hears('Got 42.');
    await call.ends({ by: 'api' });
    expect(call.callbacks.map(({ request }) => request.body.type)).toEqual(['init_call', 'live_call', 'end_call']);
  });

  test('that fails: the caller hears the apology', async () => {
    const call = await simulate(() => Promise.reject(new Error('the server is down')));
    await call.hears(/^We are sorry/);
    await call.ends({ by: 'api' });
    expect(call.text).toContain('failed: the server is down');
  });

  test('a step that fails rejects', async () => {
    const call = await simulate(async () => flow(say('Hi.'), HANGUP));
    await expect(call.hears('Ho')).rejects.toThrow(SimulationError);
  });

  test('redirects of a document', async () => {
    const first = flow({ type: 'REDIRECT', params: { url: 'https://example.com/next' } });
    const call = await simulate(first, { redirects: ({ url }) => flow(say(url), HANGUP) });
    call.hears('https://example.com/next').ends();
    const lost = await simulate(first);
    lost.ends();
    expect(lost.text).toContain('nobody answers https://example.com/next in this simulation');
  });
});

test('the inputs of a simulation give the same call when they are replayed', () => {
  const line = new VirtualLine(() => MENU, { presses: ['1'] }, 'flow');
  for (const _ of line.advance(() => false));
  const again = replay(createInterpreter(), line.inputs);
  expect(again.effects).toEqual(line.effects);
});

const action = fc.oneof(
  fc.constantFrom<JsonObject[]>(
    say('x ${n}'),
    HANGUP,
    { type: 'LABEL', name: 'A' },
    { type: 'GOTO', params: { label: 'A' } },
    {
      type: 'COLLECT',
      params: { num_digits: 2, timeout: 500 },
      actions: [say('?'), { type: 'GOTO', params: { label: 'A' } }],
    },
    { type: 'IF', condition: '$n < 2', then: [{ $n: '$n + 1' }], orElse: [say('done')] },
    { $n: 0 },
    { type: 'REDIRECT', params: { url: 'https://example.com/' } },
  ),
  fc.dictionary(
    fc.constantFrom('type', 'params', 'actions', '$n', 'name'),
    fc.jsonValue({ maxDepth: 2 }),
  ) as fc.Arbitrary<JsonObject>,
);
const text = fc.oneof(
  { weight: 5, arbitrary: fc.array(action, { maxLength: 8 }).map((actions) => JSON.stringify({ actions })) },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.json() },
);

test('any text for a document: the call comes to its end', async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.constantFrom('1', '12#', ''), { maxLength: 3 }), async (document, presses) => {
      const call = await simulate(document, {
        presses,
        maxCallbacks: 5,
        settings: { maxCallTimeMs: 60_000, maxStepsWithoutWait: 200 },
      });
      expect(call.ends().outcome).not.toBeNull();
    }),
    { numRuns: 300, seed: 4 },
  );
});

test.each(ACTIONS.map((action) => [action.type, action.example] as const))(
  'the example of %s comes to its end',
  async (_type, example) => {
    const call = (await simulate(flow(example, HANGUP), { maxCallbacks: 3 })).ends();
    expect(call.outcome).not.toBeNull();
    expect(call.text).not.toContain('nothing follows from it');
  },
);

test('keys at any moment, and whether they are taken', async () => {
  const collect = {
    type: 'COLLECT',
    params: { num_digits: 1 },
    actions: [{ type: 'SAY', params: { text: 'Press.' } }],
  };
  const call = await simulate({ actions: [{ type: 'WAIT', params: { time: 1000 } }, collect, { type: 'HANGUP' }] });
  call.waits(500).types('5');
  expect([call.isListening, call.isPlaying, call.outcome]).toEqual([false, false, null]);
  call.waits(1000);
  expect([call.isListening, call.isPlaying]).toEqual([true, true]);
  expect(call.types('7').ends().text).toContain('digits 7, ended by num_digits');
  expect([call.isListening, call.isPlaying]).toEqual([false, false]);
});

describe('a scripted caller cuts short what a key cuts short', () => {
  const long = (text: string): JsonObject => ({ type: 'SAY', params: { text: text.repeat(20), barge_in: true } });
  const collect = (params: JsonObject): JsonObject => ({
    type: 'COLLECT',
    name: 'c',
    params: { num_digits: 1, timeout: 2000, ...params },
  });
  const called = async (presses: string[], ...actions: JsonObject[]) =>
    (await simulate(flow(...actions, HANGUP), { presses })).ends({ by: 'api' });
  const cut = (call: Awaited<ReturnType<typeof called>>) =>
    call.transcript.filter(({ text }) => text.startsWith('cut short by the key')).map(({ path }) => path);

  test('SAY, and PLAY once or without end, half a second after it began', async () => {
    const play = (loop: number) => ({
      type: 'PLAY',
      params: { url: 'https://e.com/m.wav', loop, barge_in: ['digits'] },
    });
    for (const action of [long('Long. '), play(1), play(0)]) {
      const call = await called(['1'], action);
      expect(cut(call)).toEqual(['actions[0]']);
      expect(call.elapsedMs).toBeLessThan(1_000);
      expect(call.text).not.toContain('warning');
    }
  });

  test('one after the other, each by its keys', async () => {
    expect(cut(await called(['1', '2'], long('One. '), long('Two. '), long('Three. ')))).toEqual([
      'actions[0]',
      'actions[1]',
    ]);
  });

  test('the keys are for the COLLECT behind it: with type_ahead it has them, without it the caller waits for it', async () => {
    const ahead = await called(['1'], long('Welcome. '), collect({ type_ahead: true }));
    expect(cut(ahead)).toEqual(['actions[0]']);
    const after = await called(['1'], long('Welcome. '), collect({}));
    expect(cut(after)).toEqual([]);
    for (const call of [ahead, after]) expect(call.text).toContain('c: digits 1, ended by num_digits');
  });

  test('not what speech alone cuts short, nor by an entry without keys, nor what is over before anybody reacts', async () => {
    const spoken = { type: 'SAY', params: { text: 'Long. '.repeat(20), barge_in: ['speech'] } };
    expect(cut(await called(['1'], spoken))).toEqual([]);
    expect(cut(await called([''], long('Long. ')))).toEqual([]);
    expect(cut(await called(['1'], { type: 'SAY', params: { text: 'Hi', barge_in: true } }))).toEqual([]);
  });

  test('the finish key alone ends a message', async () => {
    const call = await called(['#'], { type: 'RECORD', params: { finish_on_key: '#', timeout: 3000 } });
    expect(call.text).toMatch(/presses +#\n.*recorded \d+ ms, ended by stop/);
  });
});

describe('what would go on until the longest time of a call', () => {
  const music = (more: JsonObject = {}) => ({ type: 'PLAY', params: { url: 'https://e.com/m.wav', loop: 0, ...more } });
  const queue: JsonObject = { type: 'QUEUE', params: { name: 'a' } };
  const NEVER = { queues: [{ connectsMs: null }] };
  const leaves = async (actions: JsonObject[], script = {}) => {
    const call = (await simulate(flow(...actions, HANGUP), script)).ends({ by: 'caller' });
    expect(call.elapsedMs).toBeLessThan(20 * 60_000);
    return call.transcript.find(({ type }) => type === 'hangs_up');
  };

  test.each<[string, JsonObject[], SimulationScript, string]>([
    ['a queue', [queue], NEVER, ', or when somebody connects'],
    [
      'a queue with music',
      [{ ...queue, actions: [say('Please wait.'), music()] }],
      NEVER,
      ', or when somebody connects',
    ],
    ['a queue with a list of its own', [{ ...queue, actions: [say('Please wait.')] }], NEVER, ', or when somebody'],
    [
      'a room',
      [{ type: 'CONFERENCE', params: { name: 'a' } }],
      { conferences: [{ endsMs: null }] },
      ', or when the room',
    ],
    [
      'a far side',
      [{ type: 'TRANSFER', params: { no: '+12125550111' } }],
      { transfers: [{ talkMs: null }] },
      ', or the',
    ],
    ['music', [music()], {}, 'when the caller hangs up'],
    ['music that a key ends', [music({ barge_in: true })], {}, ' or presses a key'],
    [
      'a loop of waits',
      [
        { type: 'LABEL', name: 'l' },
        say('Again.'),
        { type: 'WAIT', params: { time: 5000 } },
        { type: 'GOTO', params: { label: 'l' } },
      ],
      {},
      'when the caller hangs up',
    ],
  ])('the caller leaves %s, and says what to say', async (_what, actions, script, advice) => {
    const left = await leaves(actions, script);
    expect(left?.text).toMatch(/^the caller: only the longest time of the call would end this; say when the caller/);
    expect(left?.text).toContain(advice);
  });

  test('not what only takes long, or what was said to be as long as it is', async () => {
    const late = await simulate(flow(queue, HANGUP), { queues: [{ connectsMs: 3_600_000 }] });
    expect(late.ends({ by: 'api' }).elapsedMs).toBeGreaterThan(3_600_000);
    const counted = [
      { $n: 0 },
      { type: 'LABEL', name: 'l' },
      say('Again.'),
      { type: 'WAIT', params: { time: 60_000 } },
      { $n: '$n + 1' },
      { type: 'IF', condition: '$n < 60', then: [{ type: 'GOTO', params: { label: 'l' } }] },
    ];
    expect((await simulate(flow(...counted, HANGUP))).ends({ by: 'api' }).variables.n).toBe(60);
    const given = await simulate(flow(music(), HANGUP), { settings: { maxCallTimeMs: 3_600_000 } });
    expect(given.ends({ by: 'api' }).elapsedMs).toBeGreaterThan(3_600_000);
    const hungUp = await simulate(flow(music(), HANGUP), { hangupAfterMs: 7_200_000 });
    expect(hungUp.ends({ by: 'caller' }).elapsedMs).toBe(7_200_000);
    const waited = await simulate(flow(music(), HANGUP));
    expect(waited.waits(7_200_000).outcome).toBeNull();
    expect(waited.isEndless).toBe(true);
  });
});
