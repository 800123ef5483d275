import { describe, expect, test } from 'vitest';
import { flowGraph } from '../../graph/flow-graph.ts';
import type { JsonObject } from '../../io.ts';
import { lintDocument } from '../../lint/lint.ts';
import { simulate } from '../../simulate/simulate.ts';
import { VirtualCall, type VirtualCallOptions } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const TOLD = say('${transferStatus} ${transferNo} ${transferTime}');
const collect = (more: JsonObject = {}): JsonObject => ({
  type: 'COLLECT',
  params: { num_digits: 1, timeout: 3_000 },
  actions: [say('Press 1.')],
  ...more,
});
const transfer = (params: JsonObject, more: JsonObject): JsonObject => ({ type: 'TRANSFER', params, ...more });
const begin = (actions: JsonObject[], options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: { document: { actions } }, ...options });
const types = (call: VirtualCall) => call.effects.map(({ type }) => type);

/** Somebody answers after 2 s; a SAY takes one. */
const asked = (more: JsonObject, params: JsonObject = {}, options: Partial<VirtualCallOptions> = {}) =>
  begin([transfer({ no: 'a', ...params }, more), TOLD, HANGUP], options).advance(2_060);

describe('whisper', () => {
  test('the callee alone hears it, then it is connected; the caller is answered then', () => {
    const call = asked({ whisper: [say('A call for ${transferNo} from ${callerNo}.')] });
    expect(types(call).slice(2)).toEqual(['transfer', 'set_timer', 'play']);
    expect(call.of('transfer')[0]).toMatchObject({ screened: true });
    expect(call.of('play')[0]).toMatchObject({ leg: { transferId: 'x1', no: 'a' } });
    call.toEnd();
    expect(call.heardBy('a')).toEqual(['A call for a from +19495550101.']);
    expect(types(call).slice(5, 8)).toEqual(['cancel_timer', 'connect_callee', 'answer']);
    expect(call.heard).toEqual(['completed a 10000']);
    expect(call.messages('progress')).toEqual([
      'calling a',
      'a: ringing',
      'a answered, and is not connected yet',
      'a takes the call',
      'a is connected',
      'a is not connected any more',
    ]);
    const said = call.events.find(({ type, path }) => type === 'action_started' && path === 'actions[0].whisper[0]');
    expect(said?.data).toEqual({ callee: 'a' });
  });

  test('HANGUP in it declines: no-answer; time and status are the caller’s', () => {
    const call = asked({ whisper: [say('No.'), HANGUP] }).toEnd();
    expect(call.of('hang_up_callee').map(({ leg }) => leg.no)).toEqual(['a']);
    expect(call.heard).toEqual(['no-answer  0']);
    expect(call.messages('progress')).toContain('a declined the call');
  });

  test('an empty list is none; RETURN ends it; what is not for callees is left out', () => {
    expect(asked({ whisper: [] }).of('transfer')[0]?.screened).toBeUndefined();
    const call = asked({ whisper: [{ type: 'RECORD' }, say('One.'), { type: 'RETURN' }, say('Two.')] }).toEnd();
    expect([call.heardBy('a'), call.heard]).toEqual([['One.'], ['completed a 10000']]);
    expect(call.messages('error')).toEqual(['RECORD is not for a callee that is not connected; it is left out']);
  });

  test('loops, branches and waits in it, while the caller is not answered', () => {
    const loop = {
      type: 'FOREACH',
      iterator: [1, 2],
      actions: [say('${val}'), { type: 'WAIT', params: { time: 500 } }],
    };
    const call = asked({ whisper: [{ $n: '1' }, loop, { type: 'IF', condition: '$n == 1', then: [say('Yes.')] }] });
    expect(call.toEnd().heardBy('a').at(-1)).toBe('Yes.');
    expect(call.of('answer').length).toBe(1);
  });

  test('a GOTO out of it ends it', () => {
    const out = { type: 'GOTO', params: { label: 'END' } };
    const call = begin([
      transfer({ no: 'a' }, { whisper: [out] }),
      { type: 'LABEL', name: 'END' },
      TOLD,
      HANGUP,
    ]).toEnd();
    expect(call.heard).toEqual(['completed a 10000']);
    expect(call.messages('error')).toEqual([
      'a GOTO cannot leave what a callee hears; the rest of the list is left out',
    ]);
  });

  test('a loop in it that never waits ends the call, as every such loop does', () => {
    const whisper = [
      { type: 'LABEL', name: 'A' },
      { type: 'GOTO', params: { label: 'A' } },
    ];
    const call = asked({ whisper }, {}, { settings: { apologyText: '' } }).toEnd();
    expect(call.messages('error').at(-1)).toMatch(/^endless loop/);
  });
});

describe('confirm', () => {
  const CONFIRM = { confirm: [collect()] };

  test.each([
    ['1', {}, true],
    ['7', {}, true],
    ['1', { confirm_key: '1' }, true],
    ['2', { confirm_key: '1' }, false],
    ['3', { confirm_key: ['1', '[3-5]'] }, true],
    ['', {}, false],
    ['', { confirm_key: '1' }, false],
    ['1', { confirm_key: null }, true],
    ['1', { confirm_key: '$nobodySet' }, false],
    ['1', { confirm_key: '${nobodySet}' }, false],
    ['1', { confirm_key: ['$nobodySet', ''] }, false],
    ['1', { confirm_key: [] }, false],
    ['1', { confirm_key: 'one' }, false],
    ['2', { confirm_key: ['$nobodySet', '2'] }, true],
  ])('pressed "%s" with %j: %s', (keys, params, isTaken) => {
    const call = asked(CONFIRM, params).calleePresses('a', keys).toEnd();
    expect(call.heardBy('a')).toEqual(['Press 1.']);
    expect(call.heard).toEqual([isTaken ? 'completed a 10000' : 'no-answer  0']);
    expect(call.of('connect_callee').length).toBe(isTaken ? 1 : 0);
  });

  test('a key that is asked for and empty is told of: in the call, and before it where that is known', () => {
    const empty = 'params.confirm_key is empty: no key takes the call';
    expect(asked(CONFIRM, { confirm_key: '$nobodySet' }).toEnd().messages('error')).toEqual([empty]);
    expect(
      asked(CONFIRM, { confirm_key: ['${a}x', '1'] })
        .toEnd()
        .messages('error'),
    ).toEqual([]);
    const oneIsNone = begin([{ $a: "'hash'" }, transfer({ no: 'a', confirm_key: ['$a', '1'] }, CONFIRM)]).advance(
      2_060,
    );
    expect(oneIsNone.messages('error')).toEqual(['params.confirm_key: "hash" is no key and no pattern of keys']);
    const linted = (params: JsonObject) =>
      lintDocument(JSON.stringify({ actions: [transfer({ no: 'a', ...params }, CONFIRM), HANGUP] })).map(
        ({ rule, message }) => `${rule}: ${message}`,
      );
    expect(linted({ confirm_key: '' })).toEqual([`action-form: ${empty}`]);
    expect(linted({ confirm_key: ['one', '2'] })).toEqual([
      'action-form: params.confirm_key: "one" is no key and no pattern of keys',
    ]);
    expect(linted({ confirm_key: '$nobodySet' })).toEqual([
      'unset-variable: $nobodySet is read here, but nothing sets it',
    ]);
    expect(linted({ confirm_key: null })).toEqual([]);
  });

  test('its keys are its own: neither the caller’s, nor told of in callbacks', () => {
    const keys = { type: 'COLLECT', name: 'mine', params: { num_digits: 1, timeout: 100 } };
    const told = { type: 'IF', condition: '$keyPresses == "1"', then: [{ '$sessionData.taken': '$keyPresses' }] };
    const call = begin([keys, transfer({ no: 'a' }, { confirm: [collect(), told] }), say('[${keyPresses}]'), HANGUP]);
    call.advance(150).press('5').advance(2_100).calleePresses('a', '1').press('8').toEnd();
    expect(call.heard).toEqual(['[5]']);
    expect(call.of('finish')[0]?.body).toMatchObject({
      key_presses: [{ name: 'mine', digits: '5' }],
      session_data: { taken: '1' },
    });
    expect(call.messages('digit_ignored')).toEqual(['8 goes into the transfer']);
  });

  test('after a whisper; keys before it are ignored', () => {
    const call = asked({ whisper: [say('Hello.')], confirm: [collect()] });
    call.calleePresses('a', '1').advance(1_100).calleePresses('a', '1').toEnd();
    expect([call.heardBy('a'), call.heard]).toEqual([['Hello.', 'Press 1.'], ['completed a 10000']]);
    expect(call.messages('digit_ignored')).toEqual(['no COLLECT was running when a pressed 1']);
  });

  test('too late, or gone: no-answer', () => {
    const slow = asked({ confirm: [{ type: 'WAIT', params: { time: 60_000 } }, collect()] }, { confirm_timeout: 5 });
    expect(slow.toEnd().heard).toEqual(['no-answer  0']);
    expect(slow.messages('progress')).toContain('a did not take the call in time');
    expect(slow.of('hang_up_callee')[0]?.atMs).toBe((slow.of('set_timer')[0]?.atMs ?? 0) + 5_000);
    const gone = asked(CONFIRM, {}, { world: { transfers: [{ declines: true }] } }).toEnd();
    expect([gone.heard, gone.of('hang_up_callee')]).toEqual([['no-answer  0'], []]);
    expect(gone.messages('progress')).toContain('a hung up before it was connected');
  });

  test('several: the voicemail that answers first keeps nobody from the one that presses', () => {
    const world = { transfers: [{ no: 'voicemail', afterMs: 500 }, { no: 'busy', outcome: 'busy' as const }, {}] };
    const call = asked(CONFIRM, { no: ['voicemail', 'busy', 'anna'], confirm_key: '1' }, { world });
    expect([call.heardBy('voicemail'), call.heardBy('anna')]).toEqual([['Press 1.'], ['Press 1.']]);
    call.calleePresses('anna', '1').toEnd();
    expect(call.heard).toEqual(['completed anna 10000']);
    expect(call.of('connect_callee').map(({ leg }) => leg.no)).toEqual(['anna']);
    expect(call.of('hang_up_callee')).toEqual([]);
    expect(call.state).toMatchObject({ callees: [], timerIds: [] });
  });

  test('all decline: no-answer, or busy when somebody was', () => {
    const refuse = asked(CONFIRM, { no: ['a', 'b'] }).toEnd();
    expect(refuse.heard).toEqual(['no-answer  0']);
    const world = { transfers: [{ no: 'b', outcome: 'busy' as const }] };
    expect(asked(CONFIRM, { no: ['a', 'b'] }, { world }).toEnd().heard).toEqual(['busy  0']);
  });

  test('one after the other: the next is rung when one does not take it', () => {
    const call = asked(CONFIRM, { no: ['a', 'b'], order: 'sequential', confirm_key: '1' }).calleePresses('a', '*');
    call.advance(10_000);
    expect(call.of('transfer').map(({ targets }) => targets)).toEqual([['a'], ['b']]);
  });

  test('* of the caller, a command, and the end of the call put all of it away', () => {
    const star = asked(CONFIRM, { hangup_on_star: true }).press('*');
    expect(types(star).slice(-3)).toEqual(['cancel_timer', 'end_transfer', 'stop_playback']);
    expect(star.calleePresses('a', '1').toEnd().heard).toEqual(['canceled  0']);
    const injected = asked(CONFIRM).input({ type: 'inject_actions', when: 'now', actions: [], atMs: Date.now() });
    expect(injected.state).toMatchObject({ callees: [], joined: null });
    const left = asked(CONFIRM).callerEnds('canceled');
    expect(left.state).toMatchObject({ callees: [], timerIds: [] });
    expect(left.of('finish')[0]?.body.key_presses).toEqual([]);
  });

  test('a list that never waits gives the call up: it is the caller who hears why', () => {
    const again = { type: 'GOTO', params: { label: 'again' } };
    const confirm = [{ type: 'LABEL', name: 'again' }, again, collect()];
    const call = asked({ confirm }, {}, { settings: { answerOnRing: true } }).toEnd();
    expect([call.heardBy('a'), call.heard]).toEqual([[], [expect.stringContaining('We are sorry')]]);
    expect(call.of('hang_up')[0]?.reason).toContain('endless loop');
  });

  test('an event of the call beside it is heard by the caller', () => {
    const answer = { type: 'ANSWER' };
    const call = begin([answer, transfer({ no: 'a' }, CONFIRM), TOLD, HANGUP]).advance(2_200);
    const actions = [say('Please hold.')];
    call.input({ type: 'inject_actions', when: 'beside', actions, atMs: call.nowMs }).calleePresses('a', '1').toEnd();
    expect(call.heard).toEqual(['Please hold.', 'completed a 10000']);
  });
});

test('the linter knows what callees may hear, and that somebody must be able to take the call', () => {
  const list = [
    { type: 'RECORD' },
    { type: 'IF', condition: 'true', then: [{ type: 'GOTO', params: { label: 'A' } }] },
  ];
  const actions = [
    { type: 'LABEL', name: 'A' },
    transfer({ no: 'a' }, { whisper: list, confirm: [say('Hi.')] }),
    HANGUP,
  ];
  const findings = lintDocument(JSON.stringify({ actions }));
  expect(findings.map(({ rule, path }) => [rule, path])).toEqual([
    ['action-form', 'actions[1]'],
    ['not-for-callees', 'actions[1].whisper[0].type'],
    ['not-for-callees', 'actions[1].whisper[1].then[0].type'],
  ]);
});

test('the linter knows that callees only decline, press keys, and need no answer', () => {
  const decline = { type: 'IF', condition: "$keyPresses != '1'", then: [HANGUP] };
  const lint = (confirm: JsonObject[]) =>
    lintDocument(JSON.stringify({ actions: [transfer({ no: 'a' }, { confirm }), HANGUP] }));
  expect(lint([collect(), decline])).toEqual([]);
  const spoken = collect({ params: { num_digits: 1, input: ['digits', 'speech'] } });
  expect(lint([spoken]).map(({ rule, severity, path }) => [rule, severity, path])).toEqual([
    ['not-for-callees', 'warning', 'actions[0].confirm[0].params.input'],
  ]);
  const named = { actions: [transfer({ no: 'a', confirm_speech: 'yes' }, { confirm: [spoken] }), HANGUP] };
  expect(lintDocument(JSON.stringify(named))).toEqual([]);
  const graph = flowGraph(JSON.stringify({ actions: [transfer({ no: 'a' }, { whisper: [HANGUP] }), TOLD, HANGUP] }));
  expect(graph).toContain('a1 --> a2');
});

test('a key that nobody is asked for is warned of', () => {
  const call = asked({ whisper: [collect()] }, { confirm_key: '1' }).toEnd();
  expect(call.messages('warning')).toContain(
    'params.confirm_key is of no use without confirm; whoever answers is connected',
  );
});

describe('press 1 or say yes', () => {
  const spoken = (params: JsonObject = {}): JsonObject =>
    collect({
      params: { num_digits: 1, timeout: 3_000, input: ['digits', 'speech'], hints: ['yes', 'no'], ...params },
    });
  const saying = (text: string, more: JsonObject = {}, params: JsonObject = {}) =>
    asked({ confirm: [spoken()], ...more }, { confirm_key: '1', confirm_speech: ['Yes!', 'of course'], ...params })
      .advance(1_000)
      .says(text);

  test('the callee alone is listened to, on its leg, and takes the call with the word', () => {
    const call = saying('yes');
    const leg = { transferId: 'x1', no: 'a' };
    expect(call.of('start_listening')).toMatchObject([{ leg, hints: ['yes', 'no'] }]);
    expect(call.of('stop_listening')).toMatchObject([{ leg }]);
    expect(call.of('connect_callee')).toMatchObject([{ leg }]);
    expect(call.toEnd().heard).toEqual(['completed a 10000']);
  });

  test('a key takes it too; another word, or a greeting, does not', () => {
    const pressed = asked({ confirm: [spoken()] }, { confirm_key: '1', confirm_speech: 'yes' }).advance(1_000);
    expect(pressed.calleePresses('a', '1').toEnd().heard).toEqual(['completed a 10000']);
    const refused = saying('no').toEnd();
    expect(refused.heard).toEqual(['no-answer  0']);
    expect(refused.messages('progress')).toContain('a did not take the call: it said "no"');
    expect(saying('please leave a message', {}, { confirm_speech: [] }).toEnd().heard).toEqual(['no-answer  0']);
  });

  test('$speech is the callee’s own, and the caller’s listening goes on beside it', () => {
    const call = saying('of course', {
      confirm: [spoken(), { type: 'IF', condition: "$speech == 'of course'", then: [say('Fine: ${speech}.')] }],
    }).toEnd();
    expect(call.heardBy('a').at(-1)).toBe('Fine: of course.');
    expect(call.of('finish')[0]?.body.key_presses).toEqual([]);
    const both = begin([transfer({ no: 'a' }, { confirm: [spoken()], events: {} }), HANGUP]).advance(2_060);
    const beside = [{ type: 'COLLECT', params: { input: ['speech'], timeout: 60_000 } }];
    both.input({ type: 'inject_actions', when: 'beside', actions: beside, atMs: both.nowMs }).advance(1_000);
    expect(both.of('start_listening').map(({ leg }) => leg?.no)).toEqual(['a', undefined]);
    expect(both.of('stop_listening')).toEqual([]);
  });

  test('who hangs up meanwhile is not listened to any more', () => {
    const call = asked({ confirm: [spoken()] }).advance(1_000);
    call.input({ type: 'callee_ended', leg: { transferId: 'x1', no: 'a' }, atMs: call.nowMs });
    expect(call.of('stop_listening')).toHaveLength(1);
    expect(call.says('yes').of('connect_callee')).toEqual([]);
  });

  test('in a flow of the document that RUN names, which may RETURN', () => {
    const flows = {
      ask: [spoken(), { type: 'IF', condition: "$speech == 'no'", then: [HANGUP] }, { type: 'RETURN' }, say('Never.')],
      loud: [{ type: 'RUN', params: { flow: 'records' } }],
      records: [{ type: 'RECORD' }],
    };
    const run = (flow: string): JsonObject => ({ type: 'RUN', params: { flow } });
    const document = (flow: string) => ({
      actions: [transfer({ no: 'a', confirm_speech: 'yes' }, { confirm: [run(flow)] }), TOLD, HANGUP],
      flows,
    });
    const call = new VirtualCall({ answers: { document: document('ask') } }).advance(3_060);
    expect(call.says('yes').toEnd().heard).toEqual(['completed a 10000']);
    expect(call.heardBy('a')).toEqual(['Press 1.']);
    expect(call.messages('warning')).toEqual([]);
    const loud = new VirtualCall({ answers: { document: document('loud') } }).toEnd();
    expect(loud.messages('error')).toEqual(['RECORD is not for a callee that is not connected; it is left out']);
    const [finding] = lintDocument(JSON.stringify(document('loud'))).filter(({ rule }) => rule === 'not-for-callees');
    expect(finding).toMatchObject({
      path: 'actions[0].confirm[0].params.flow',
      message: 'RECORD of flows.records[0] is not for a callee that is not connected; it is left out here',
    });
  });
});

describe('in a simulation', () => {
  const flow = {
    actions: [
      transfer({ no: ['voicemail', 'anna'], confirm_key: '1' }, { confirm: [collect()], whisper: [say('A call.')] }),
      TOLD,
      HANGUP,
    ],
  };

  test('callees press as the script has it; the caller hears none of it', async () => {
    const call = await simulate(flow, { transfers: [{ no: 'anna', presses: ['1'], talkMs: 5_000 }, {}] });
    call.hears('completed anna 5000').ends({ by: 'api' });
    expect(call.heard).toEqual(['completed anna 5000']);
    expect(call.text).toMatch(/callee +anna hears "Press 1\." +actions\[0\]\.confirm\[0\]\.actions\[0\]/);
    expect(call.text).toMatch(/callee +anna presses 1\n/);
    expect(call.text).toMatch(/collected +anna: digits 1, ended by num_digits/);
  });

  test('callees say what the script has for them', async () => {
    const spoken = collect({ params: { num_digits: 1, input: ['digits', 'speech'], timeout: 3_000, retries: 1 } });
    const saying = { actions: [transfer({ no: 'anna', confirm_speech: 'yes' }, { confirm: [spoken] }), TOLD, HANGUP] };
    const call = await simulate(saying, { transfers: [{ acts: [{ says: '' }, { says: 'Yes.' }], talkMs: 5_000 }] });
    call.hears('completed anna 5000').ends();
    expect(call.text).toMatch(/callee +anna says something that is not understood\n(.*\n)*.*callee +anna says "Yes\."/);
    const deaf = await simulate(saying, { speechError: 'no recogniser', transfers: [{ presses: ['1'] }] });
    deaf.hears('completed anna').ends();
  });

  test('who declines, presses nothing, or the wrong key, has not answered', async () => {
    const declining = await simulate(flow, { transfers: [{ declines: true }] });
    declining.hears('no-answer').ends();
    const wrong = await simulate(flow, { transfers: [{ no: 'anna', presses: ['', '1'] }, { presses: ['2'] }] });
    wrong.hears('no-answer').ends();
    expect(wrong.text).toContain('voicemail did not take the call: it pressed 2');
  });
});
