import { describe, expect, test } from 'vitest';
import { createInterpreter } from '../interpreter/interpreter.ts';
import { replay } from '../interpreter/replay.ts';
import type { JsonObject } from '../io.ts';
import type { SimulationScript } from './script.ts';
import { simulate } from './simulate.ts';
import { VirtualLine } from './virtual-line.ts';

const say = (text: string, params: JsonObject = {}): JsonObject => ({ type: 'SAY', params: { text, ...params } });
const ask = (name: string, params: JsonObject = {}, ...prompt: JsonObject[]): JsonObject => ({
  type: 'COLLECT',
  name,
  params: { input: ['digits', 'speech'], num_digits: 1, timeout: 3_000, ...params },
  actions: prompt,
});
const HANGUP: JsonObject = { type: 'HANGUP' };
const flow = (...actions: JsonObject[]): JsonObject => ({ actions: [...actions, HANGUP] });
const ORDER = flow(ask('order', { hints: ['Tea', 'Coffee'] }, say('Tea or coffee?')), say('You said ${speech}.'));

const kinds = (call: { transcript: readonly { type: string; text: string }[] }) =>
  call.transcript.flatMap(({ type, text }) =>
    ['says', 'presses', 'collected'].includes(type) ? [`${type} ${text}`] : [],
  );

describe('step by step', () => {
  test('the caller says something after the prompt', async () => {
    const call = await simulate(ORDER);
    call.hears('Tea or coffee?').says('Coffee!').hears('You said Coffee.').ends();
    expect(kinds(call)).toEqual(['says "Coffee!"', 'collected order: speech "Coffee", ended by speech']);
    expect(call.callbacks.length).toBe(1);
    expect(call.text).toMatch(/ended +completed, .*; last key presses: order: Coffee\n?$/);
  });

  test('in the prompt it cuts it short, and takes as long as it takes to say', async () => {
    const call = await simulate(ORDER);
    call.waits(500).says('tea');
    expect(call.elapsedMs).toBe(500 + 300 + 3 * 65 + 700);
    call.hears('You said Tea.');
  });

  test('not before the prompt is over where it cannot be cut', async () => {
    const call = await simulate(flow(ask('order', { barge_in: false }, say('Tea or coffee?'))));
    expect(call.waits(500).isHearing).toBe(false);
    call.says('tea');
    expect(kinds(call)[0]).toBe('says "tea"');
    expect(call.transcript.find(({ type }) => type === 'says')?.atMs).toBeGreaterThan(1_200);
  });

  test('what is not understood, and silence', async () => {
    const call = await simulate(
      flow({ ...ask('order', { retries: 2 }, say('What?')), retry_actions: [say('Pardon?')] }, say('Bye.')),
    );
    call.hears('What?').says('').hears('Pardon?').silent().hears('Pardon?').silent().hears('Bye.').ends();
    expect(kinds(call)).toEqual([
      'says something that is not understood',
      'collected order: no answer, ended by timeout',
    ]);
  });

  test('silence that ends it', async () => {
    const call = await simulate(ORDER);
    call.hears('Tea').silent().hears('You said .').ends();
  });

  test('how certain it is', async () => {
    const call = await simulate(flow(ask('order'), say('${speechConfidence}')));
    call.says('tea', { confidence: 0.4 }).hears('0.4');
    (await simulate(flow(ask('order'), say('${speechConfidence}')))).says('tea').hears('1');
  });

  test('over a SAY that it cuts short; the COLLECT after it hears all of it', async () => {
    const call = await simulate(
      flow(say('A long story.', { loop: 0, barge_in: ['speech'] }), ask('order'), say('${speech}')),
    );
    call.waits(400).says('stop it').hears('stop it').ends();
  });

  test('who begins to listen too late has not understood', async () => {
    const call = await simulate(flow({ type: 'WAIT', params: { time: 500 } }, ask('order')), {
      settings: { answerOnRing: true },
    });
    call.speaks('a very long sentence').ends();
    expect(kinds(call)[1]).toBe('collected order: speech that was not understood, ended by speech');
  });

  test('where nobody listens: what happens is told, and a step that needs it fails', async () => {
    const digits = flow({ type: 'COLLECT', params: { num_digits: 1 } });
    const call = await simulate(digits);
    expect(() => call.says('tea')).toThrow(
      /^the caller could not say "tea": the call ended without listening to what is said\n\n/,
    );
    const over = await simulate(flow(say('Bye.')));
    expect(() => over.silent()).toThrow(/^the call ended without waiting for an answer/);
    expect((await simulate(ORDER)).speaks('tea').ends().outcome?.status).toBe('completed');
  });

  test('a server in place of a document', async () => {
    const call = await simulate(async ({ body }) =>
      body.type === 'init_call' ? { actions: [ask('order')] } : flow(say(`${body.key_presses[0]?.speech}?`)),
    );
    await call.says('tea');
    await call.hears('tea?');
    expect(call.text).toContain('live_call to POST https://flow.example/ order="tea"');
  });
});

describe('a scripted caller', () => {
  const run = async (script: SimulationScript, document = flow(ask('a', {}, say('A?')), ask('b', {}, say('B?')))) =>
    (await simulate(document, script)).ends();

  test('presses and says things in order', async () => {
    const call = await run({ acts: [{ says: 'one' }, { presses: '2' }] });
    expect(kinds(call)).toEqual([
      'says "one"',
      'collected a: speech "one", ended by speech',
      'presses 2',
      'collected b: digits 2, ended by num_digits',
    ]);
    expect(kinds(await run({ presses: ['1'], acts: [{ says: 'two' }] }))[3]).toContain('b: speech "two"');
  });

  test('an empty entry of keys lets one pass, one of words is not understood', async () => {
    const call = await run({ acts: [{ presses: '' }, { says: '' }] });
    expect(kinds(call)).toEqual([
      'collected a: no answer, ended by timeout',
      'says something that is not understood',
      'collected b: speech that was not understood, ended by speech',
    ]);
  });

  test('an answer to every asking', async () => {
    const call = await run({ acts: [{ says: '' }, { says: '' }, { says: 'yes' }] }, flow(ask('a', { retries: 5 })));
    expect(kinds(call).at(-1)).toBe('collected a: speech "yes", ended by speech');
  });

  test('words wait for who listens, else it is told that nothing did', async () => {
    const call = await run({ acts: [{ says: 'yes' }] }, flow({ type: 'COLLECT', params: { timeout: 500 } }, ask('a')));
    expect(kinds(call).at(-1)).toBe('collected a: speech "yes", ended by speech');
    const unheard = await run({ acts: [{ says: 'yes' }] }, flow(say('Hi.')));
    expect(unheard.text).toMatch(/warning +the caller had "yes" to say, but nothing listened\n/);
    const untaken = await run({ presses: ['12', ''] }, flow(say('Hi.')));
    expect(untaken.text).toMatch(/Hi\..*warning +the caller had 12 to press, but nothing took keys\n[^\n]*ended/s);
  });

  test('cuts short by words what speech cuts short, half a second after it began', async () => {
    const long = (more: JsonObject = { barge_in: ['speech'] }) => say('A long story. '.repeat(20), more);
    const cut = async (...actions: JsonObject[]) => {
      const call = await run({ acts: [{ says: 'tea' }] }, flow(...actions));
      expect(call.text).not.toMatch(/warning|ERROR/);
      const { text } = call;
      return { isCut: text.includes('cut short by speech'), isTaken: text.includes('a: speech "tea"'), call };
    };
    const [both, music] = [
      { barge_in: true },
      { type: 'PLAY', params: { url: 'https://e.com/m.wav', loop: 0, barge_in: ['speech'] } },
    ];
    for (const action of [long(), long({ barge_in: ['digits', 'speech'] }), music]) {
      const { call, ...what } = await cut(action, ask('a'));
      expect(what).toEqual({ isCut: true, isTaken: true });
      expect(call.transcript.find(({ type }) => type === 'says')?.atMs).toBe(600);
      expect(call.elapsedMs).toBeLessThan(3_000);
    }
    expect((await cut(long())).isCut).toBe(true);
    expect((await run({ acts: [{ says: '' }] }, flow(long()))).text).toContain('cut short by speech');
    for (const spared of [long(both), long({}), say('Hi', { barge_in: ['speech'] })])
      expect(await cut(spared, ask('a'))).toMatchObject({ isCut: false, isTaken: true });
    const after = ask('a', { barge_in: false }, say('Tea?'));
    expect(await cut(long(), after)).toMatchObject({ isCut: false, isTaken: true });
    const record = { type: 'RECORD', params: { timeout: 1_000 } };
    for (const message of [record, { ...record, actions: [say('Speak.')] }])
      expect((await cut(long(), message)).isCut).toBe(false);
    const keys = await run({ presses: ['1'] }, flow(long(), ask('a')));
    expect(keys.text).not.toContain('cut short');
    const deaf = await run({ acts: [{ says: 'tea' }], speechError: 'no model' }, flow(long()));
    expect(deaf.text).toContain('nothing listened');
  });

  test('the message of a RECORD', async () => {
    const record = { type: 'RECORD', params: { timeout: 1_000, beep: false } };
    const call = await run({ acts: [{ says: 'x'.repeat(100) }] }, flow(record));
    expect(call.elapsedMs).toBe(50 + 50 + 300 + 6_500 + 1_000 + 50);
    expect(kinds(call).length).toBe(1);
  });

  test('nobody who understands', async () => {
    const call = await run({ speechError: 'no model', presses: ['1', '2'] });
    expect(kinds(call).at(-1)).toBe('collected b: digits 2, ended by num_digits');
    expect(call.text).toMatch(/ERROR +cannot hear the caller: no model/);
  });
});

test('replay of what was said gives the same', () => {
  const line = new VirtualLine(() => ORDER, { acts: [{ says: 'tea' }] }, 'flow');
  for (const _ of line.advance(() => false));
  expect(line.inputs.filter(({ type }) => type.startsWith('speech')).length).toBe(2);
  expect(replay(createInterpreter(), line.inputs).effects).toEqual(line.effects);
});
