import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { lintDocument } from '../../lint/lint.ts';
import { VirtualCall } from '../../testing/virtual-call.ts';

const PROMPT: JsonObject[] = [{ type: 'SAY', params: { text: 'Press.' } }];
const HANGUP: JsonObject = { type: 'HANGUP' };
const EMPTY = 'params.valid is empty: no digits are what is asked for';
const ANSWER_MS = 100;

/** A call that stands at the start of a COLLECT followed by a SAY of what was pressed and HANGUP. */
function collecting(params: JsonObject, extra: JsonObject = {}, sessionData: JsonObject | null = null): VirtualCall {
  const collect: JsonObject = { type: 'COLLECT', name: 'pin', params, ...extra };
  const actions = [collect, { type: 'SAY', params: { text: 'You pressed ${keyPresses}.' } }, { type: 'HANGUP' }];
  return new VirtualCall({ answers: { document: { actions } }, sessionData }).advance(ANSWER_MS);
}

const entries = (call: VirtualCall) => call.of('finish')[0]?.body.key_presses;
const endedBy = (call: VirtualCall) => call.events.find((event) => event.type === 'digits_collected')?.data.ended_by;

describe('what ends it', () => {
  test('enough digits', () => {
    const call = collecting({ num_digits: 3 }).press('12').advance(100).press('3').toEnd();
    expect(endedBy(call)).toBe('num_digits');
    expect(entries(call)).toEqual([{ name: 'pin', digits: '123' }]);
    expect(call.heard).toEqual(['You pressed 123.']);
  });

  test.each([
    ['pound', '12#'],
    ['#', '12#'],
    ['star', '12*'],
    [['pound', 'star'], '12*'],
    ['#*', '12*'],
    ['pound, star', '12#'],
    ['0', '120'],
  ])('finish key %j', (finish_on_key, keys) => {
    const call = collecting({ finish_on_key }).press(keys).toEnd();
    expect(endedBy(call)).toBe('finish_on_key');
    expect(entries(call)).toEqual([{ name: 'pin', digits: '12' }]);
  });

  test('silence: 5 s by default, and an entry without digits', () => {
    const call = collecting({}).toEnd();
    expect(endedBy(call)).toBe('timeout');
    expect(entries(call)).toEqual([{ name: 'pin', digits: '' }]);
    expect(call.of('set_timer').map((effect) => effect.durationMs)).toContain(5_000);
  });

  test('a pause between digits: inter_digit_timeout for the later ones', () => {
    const call = collecting({ timeout: 4_000, inter_digit_timeout: 1_000 })
      .advance(3_900)
      .press('1')
      .advance(900)
      .press('2');
    expect(endedBy(call)).toBeUndefined();
    call.advance(1_000);
    expect(endedBy(call)).toBe('timeout');
    expect(entries(call.toEnd())).toEqual([{ name: 'pin', digits: '12' }]);
  });

  test('the end of the call: the digits so far are in the last callback', () => {
    const call = collecting({ num_digits: 4 }).press('12').callerEnds();
    expect(entries(call)).toEqual([{ name: 'pin', digits: '12' }]);
    expect(call.effects.slice(-3).map((effect) => effect.type)).toEqual(['cancel_timer', 'cancel_timer', 'finish']);
  });

  test('hang-up by the prompt itself', () => {
    const call = collecting({}, { actions: [{ type: 'HANGUP' }] }).toEnd();
    expect(entries(call)).toEqual([{ name: 'pin', digits: '' }]);
  });
});

describe('the prompt', () => {
  test('the first key cuts it short; the wait for the next begins', () => {
    const call = collecting({ num_digits: 2 }, { actions: PROMPT }).advance(400).press('1');
    expect(call.of('stop_playback').length).toBe(1);
    call.advance(4_000).press('2').toEnd();
    expect(entries(call)).toEqual([{ name: 'pin', digits: '12' }]);
  });

  test('the wait counts from its end', () => {
    const call = collecting({ timeout: 2_000 }, { actions: PROMPT }).advance(2_999);
    expect(endedBy(call)).toBeUndefined();
    call.advance(1);
    expect(endedBy(call)).toBe('timeout');
  });

  test('an endless prompt ends with a key', () => {
    const call = collecting({ num_digits: 1 }, { actions: [{ type: 'SAY', params: { text: 'Press.', loop: 0 } }] });
    call.advance(10_400).press('7').toEnd();
    expect(call.heard.filter((text) => text === 'Press.').length).toBe(11);
    expect(entries(call)).toEqual([{ name: 'pin', digits: '7' }]);
  });

  test('may hold assignments, IF and several sayings', () => {
    const actions: JsonObject[] = [
      { $who: "'you'" },
      { type: 'IF', condition: "$who == 'you'", then: [{ type: 'SAY', params: { text: 'Hello ${who}.' } }] },
      ...PROMPT,
    ];
    expect(collecting({}, { actions }).toEnd().heard).toEqual(['Hello you.', 'Press.', 'You pressed .']);
  });

  test('GOTO inside stays inside; GOTO out of it ends the COLLECT with the digits so far', () => {
    const inside: JsonObject[] = [
      { type: 'GOTO', params: { label: 'IN' } },
      { type: 'SAY', params: { text: 'left out' } },
      { type: 'LABEL', name: 'IN' },
      ...PROMPT,
    ];
    expect(collecting({}, { actions: inside }).toEnd().heard).toEqual(['Press.', 'You pressed .']);

    const actions = [
      { type: 'COLLECT', name: 'pin', actions: [{ type: 'GOTO', params: { label: 'OUT' } }] },
      { type: 'SAY', params: { text: 'left out' } },
      { type: 'LABEL', name: 'OUT' },
      { type: 'HANGUP' },
    ];
    const call = new VirtualCall({ answers: { document: { actions } } }).toEnd();
    expect(call.heard).toEqual([]);
    expect(entries(call)).toEqual([{ name: 'pin', digits: '' }]);
  });

  test('one that cannot be played is an error, and the COLLECT waits', () => {
    const document = { actions: [{ type: 'COLLECT', actions: PROMPT }, { type: 'HANGUP' }] };
    const call = new VirtualCall({ answers: { document }, playback: () => 'broken' }).advance(200).press('5').toEnd();
    expect(entries(call)).toEqual([{ name: null, digits: '5' }]);
    expect(call.messages('error')).toEqual(['could not play the text: broken']);
  });

  test('a COLLECT within it takes the keys first', () => {
    const actions: JsonObject[] = [{ type: 'COLLECT', name: 'inner', params: { num_digits: 1 } }];
    const call = collecting({ num_digits: 1 }, { actions }).press('1').press('2').toEnd();
    expect(entries(call)).toEqual([
      { name: 'inner', digits: '1' },
      { name: 'pin', digits: '2' },
    ]);
  });
});

describe('the finish key that comes late', () => {
  const two = [
    { type: 'COLLECT', name: 'a', params: { num_digits: 1, finish_on_key: 'pound' } },
    { type: 'COLLECT', name: 'b', params: { num_digits: 2, finish_on_key: 'pound' } },
    { type: 'HANGUP' },
  ];
  const start = () => new VirtualCall({ answers: { document: { actions: two } } }).advance(ANSWER_MS);

  // The next COLLECT starts at once and must not be ended by the key that was meant for the one before.
  test('is swallowed between two COLLECTs with something said between them', () => {
    const actions = [two[0], { type: 'SAY', params: { text: 'Thanks.' } }, two[1], two[2]] as JsonObject[];
    const call = new VirtualCall({ answers: { document: { actions } } }).advance(ANSWER_MS);
    call.press('1').advance(500).press('#').advance(1_000).press('23').toEnd();
    expect(entries(call)).toEqual([
      { name: 'a', digits: '1' },
      { name: 'b', digits: '23' },
    ]);
  });

  test('is swallowed when the next COLLECT runs already', () => {
    const call = start().press('1').advance(500).press('#').press('23').toEnd();
    expect(entries(call)?.[1]).toEqual({ name: 'b', digits: '23' });
  });

  test('counts again after another key, and after the time a digit would have been waited for', () => {
    expect(entries(start().press('1').press('2#').toEnd())?.[1]).toEqual({ name: 'b', digits: '2' });
    const late = [
      { ...two[0], params: { num_digits: 1, finish_on_key: '#', timeout: 1_000 } },
      two[1],
      two[2],
    ] as JsonObject[];
    const call = new VirtualCall({ answers: { document: { actions: late } } }).advance(ANSWER_MS);
    call.press('1').advance(1_001).press('#').toEnd();
    expect(call.messages('digit_ignored')).toEqual([]);
    expect(entries(call)?.[1]).toEqual({ name: 'b', digits: '' });
  });

  test('is not swallowed when the finish key itself ended the COLLECT', () => {
    const call = start().press('#').press('#').toEnd();
    expect(entries(call)?.map((entry) => entry.digits)).toEqual(['', '']);
  });
});

test('keys before a COLLECT are ignored and logged', () => {
  const actions = [
    { type: 'SAY', params: { text: 'Wait.' } },
    { type: 'COLLECT', params: { num_digits: 1 } },
    { type: 'HANGUP' },
  ];
  const call = new VirtualCall({ answers: { document: { actions } } })
    .advance(500)
    .press('9')
    .advance(1_000)
    .press('1')
    .toEnd();
  expect(entries(call)).toEqual([{ name: null, digits: '1' }]);
  expect(call.messages('digit_ignored')).toEqual(['no COLLECT took keys when 9 was pressed']);
});

test('the name may hold variables; A to D are keys; anything else is none', () => {
  const call = collecting({ num_digits: 2 }, { name: 'for-${sessionData.n}' }, { n: 3 })
    .press('a')
    .press('x')
    .press('D')
    .toEnd();
  expect(entries(call)).toEqual([{ name: 'for-3', digits: 'AD' }]);
  expect(call.messages('digit_ignored')).toEqual(['not a key of a telephone']);
});

test('parameters out of bounds are mended with a warning', () => {
  const call = collecting({ num_digits: -1, timeout: 'soon', finish_on_key: 'hello', speed: 3, nun_digits: 2 }).toEnd();
  expect(call.messages('warning')).toEqual([
    'params.num_digits is -1, outside 0 to 128; 0 is used',
    'params.timeout is "soon"; a whole number is expected, 5000 is used',
    'unknown parameter "speed"',
    'unknown parameter "nun_digits"; did you mean "num_digits"?',
    'params.finish_on_key: "hello" is no key',
    'params.finish_on_key: "hello" is no key',
  ]);
  expect(entries(call)).toEqual([{ name: 'pin', digits: '' }]);
});

test('a COLLECT ends at the most digits allowed when no number is given', () => {
  const call = collecting({}).press('1'.repeat(128)).toEnd();
  expect(entries(call)?.[0]?.digits.length).toBe(128);
});

describe('asking again', () => {
  const valid = (call: VirtualCall) => (call.state.kind === 'call' ? call.state.isCollectValid : undefined);
  const retry = { actions: PROMPT, retry_actions: [{ type: 'SAY', params: { text: 'Once more.' } }] };

  test('for digits that are not what is asked for, with a prompt of its own', () => {
    const call = collecting({ num_digits: 1, valid: ['[1-3]'], retries: 2 }, retry);
    call.advance(1_100).press('9').advance(1_100).press('8').advance(1_100).press('2').toEnd();
    expect(call.heard).toEqual(['Press.', 'Once more.', 'Once more.', 'You pressed 2.']);
    expect([entries(call), valid(call)]).toEqual([[{ name: 'pin', digits: '2' }], true]);
  });

  test('for nothing, and for too few; then what there is', () => {
    const call = collecting({ num_digits: 4, min_digits: 3, finish_on_key: '#', retries: 2, timeout: 1_000 }, retry);
    call.advance(2_100).press('1#').advance(1_100).press('12#').toEnd();
    expect(call.heard).toEqual(['Press.', 'Once more.', 'Once more.', 'You pressed 12.']);
    expect([entries(call), valid(call)]).toEqual([[{ name: 'pin', digits: '12' }], false]);
    expect(call.messages('branch_taken')).toEqual([
      'no digits, not what is asked for: once more',
      'digits 1, not what is asked for: once more',
    ]);
  });

  test('without a list of its own the prompt again, without any the wait again', () => {
    expect(collecting({ retries: 1 }, { actions: PROMPT }).toEnd().heard).toEqual([
      'Press.',
      'Press.',
      'You pressed .',
    ]);
    const silent = collecting({ retries: 2, timeout: 1_000 }).toEnd();
    expect(silent.of('set_timer').filter(({ durationMs }) => durationMs === 1_000).length).toBe(3);
  });

  test('a wrong key during the prompt', () => {
    const call = collecting({ num_digits: 1, valid: '1', retries: 1 }, retry)
      .advance(100)
      .press('2')
      .advance(100)
      .press('1');
    expect(call.toEnd().heard).toEqual(['Press.', 'Once more.', 'You pressed 1.']);
    expect(call.of('stop_playback').length).toBe(2);
  });

  test('what is no pattern is told of', () => {
    expect(collecting({ valid: '\\d+' }).messages('warning')).toEqual(['params.valid: "\\d+" is no pattern', EMPTY]);
  });

  test.each([
    ['$nobodySet', false],
    ['${nobodySet}', false],
    [['$nobodySet', ''], false],
    ['', false],
    [[], false],
    ['one', false],
    [['$nobodySet', '1'], true],
    [null, true],
  ])('valid %j, given and empty: no digits are what is asked for', (patterns, isGood) => {
    const call = collecting({ num_digits: 1, valid: patterns }).press('1').toEnd();
    expect([entries(call), valid(call)]).toEqual([[{ name: 'pin', digits: '1' }], isGood]);
    expect(call.messages('error').includes(EMPTY)).toBe(!isGood);
  });

  test('a valid that is empty before the call already is told of by lint', () => {
    const linted = (params: JsonObject) => {
      const actions = [{ type: 'COLLECT', params }, { type: 'SAY', params: { text: '$collectValid' } }, HANGUP];
      return lintDocument(JSON.stringify({ actions })).map(({ rule, message }) => `${rule}: ${message}`);
    };
    for (const written of ['', [], [' ']]) expect(linted({ valid: written })).toContain(`action-form: ${EMPTY}`);
    for (const written of [null, '1', '$keyPresses'])
      expect(linted({ valid: written }).filter((line) => line.startsWith('action-form'))).toEqual([]);
  });
});

describe('keys before their time', () => {
  const wait = { type: 'WAIT', params: { time: 1_000 } };
  const flow = (params: JsonObject, before: JsonObject = wait): VirtualCall => {
    const collect = { type: 'COLLECT', params: { num_digits: 2, ...params }, actions: PROMPT };
    const actions = [before, collect, { type: 'SAY', params: { text: 'P${keyPresses}' } }, { type: 'HANGUP' }];
    return new VirtualCall({ answers: { document: { actions } }, settings: { answerOnRing: true } }).advance(500);
  };

  test('type_ahead: they count, and there is no prompt', () => {
    expect(flow({ type_ahead: true }).press('12').toEnd().heard).toEqual(['P12']);
    expect(flow({ type_ahead: true }).press('1').advance(1_000).press('2').toEnd().heard).toEqual(['P12']);
    expect(flow({}).press('12').toEnd().heard).toEqual(['Press.', 'P']);
  });

  test('a prompt that is not cut short: keys ignored, or kept for its end', () => {
    expect(flow({ barge_in: false }).advance(1_000).press('12').toEnd().heard).toEqual(['Press.', 'P']);
    expect(flow({ barge_in: false, type_ahead: true }).advance(1_000).press('12').toEnd().heard).toEqual([
      'Press.',
      'P12',
    ]);
  });

  test('SAY with barge_in: a key ends it, and is there for a COLLECT', () => {
    const say = { type: 'SAY', params: { text: 'Long.', loop: 0, barge_in: true } };
    const call = flow({ type_ahead: true }, say).press('1').advance(500).press('2').toEnd();
    expect(call.heard).toEqual(['Long.', 'P12']);
    expect(call.of('stop_playback').length).toBe(1);
    const inPrompt = collecting({ num_digits: 1 }, { actions: [{ ...say, params: { ...say.params, loop: 1 } }] });
    expect(inPrompt.advance(100).press('7').toEnd().heard).toEqual(['Long.', 'You pressed 7.']);
  });
});

test('more digits than it takes are told of before the call', () => {
  const actions = [{ type: 'COLLECT', params: { min_digits: 5, num_digits: 3, timeout: 100 } }, { type: 'HANGUP' }];
  expect(new VirtualCall({ answers: { document: { actions } } }).toEnd().messages('warning')).toEqual([
    'params.min_digits is 5, and num_digits ends it at 3: nothing is ever what is asked for',
  ]);
});
