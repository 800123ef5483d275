import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACTIONS } from '../actions/registry.ts';
import { lintDocument } from './lint.ts';
import { lintReference } from './lint-reference.ts';
import { RULES } from './rules.ts';

const short = (...actions: unknown[]) =>
  lintDocument(JSON.stringify({ actions })).map(({ rule, path }) => `${rule} ${path}`);
const say = (text: string) => ({ type: 'SAY', params: { text } });
const collect = { type: 'COLLECT', params: { num_digits: 1 }, actions: [say('Press.')] };
const goto = (label: string) => ({ type: 'GOTO', params: { label } });
const label = (name: string) => ({ type: 'LABEL', name });
const HANGUP = { type: 'HANGUP' };

describe.each(RULES.map((rule) => [rule.name, rule] as const))(
  '%s',
  (name, { bad, good, severity, isForMessages = false }) => {
    test('finds its bad example', () => {
      const findings = lintDocument(typeof bad === 'string' ? bad : JSON.stringify(bad, null, 2), {
        sms: isForMessages,
      });
      expect(findings.filter(({ rule }) => rule === name)[0]).toMatchObject({ severity });
      for (const { message, hint, line, column } of findings) {
        expect([message, hint]).not.toContain('');
        expect(Math.min(line, column)).toBeGreaterThan(0);
      }
    });

    test('its good example has nothing at all', () => {
      expect(
        lintDocument(typeof good === 'string' ? good : JSON.stringify(good, null, 2), { sms: isForMessages }),
      ).toEqual([]);
    });
  },
);

test('docs/lint-rules.md is what the rules say (vitest -u writes it)', async () => {
  const file = new URL('../../../../docs/lint-rules.md', import.meta.url).pathname;
  await expect(lintReference()).toMatchFileSnapshot(file);
});

test.each([
  [{ type: 'Gather' }, 'Did you mean "COLLECT"?'],
  [{ type: 'pause' }, 'Did you mean "WAIT"?'],
  [{ type: 'Send-DTMF' }, 'Did you mean "SEND_DIGITS"?'],
  [{ type: 'SAYY' }, 'Did you mean "SAY"?'],
  [{ Say: 'Hello' }, 'Write { "type": "SAY", … }.'],
  [{ LABEL: 'AGAIN' }, 'Write { "type": "LABEL", … }.'],
])('%j, as it is written elsewhere', (entry, hint) => {
  const [finding] = lintDocument(JSON.stringify({ actions: [entry, HANGUP] }));
  expect(finding).toMatchObject({ rule: 'unknown-action', hint });
});

describe('what is not filled in', () => {
  const hints = (...actions: unknown[]) =>
    lintDocument(JSON.stringify({ actions: [...actions, HANGUP] })).map(
      ({ rule, severity, path, hint }) => `${rule} ${severity} ${path} ${hint}`,
    );

  test.each([
    ['Call ${$count}.', 'error', 'Write "${count}".'],
    ['Call ${ count }.', 'error', 'Write "${count}".'],
    ['Call ${count * 2}.', 'error', 'Set a variable before, { "$result": "…" }, and write "${result}" here.'],
    ['${count} {{count}}', 'warning', 'Write "${count}".'],
    ['{{name}} ${ count }', 'error', 'Write "${count}".'],
    ['From $callerNo', 'warning', 'Write "${callerNo}".'],
    ['$count times', 'warning', 'Write "${count}".'],
  ])('%s in a text', (text, severity, hint) => {
    expect(hints({ $count: '1' }, say(text))).toEqual([`unfilled-text ${severity} actions[1].params.text ${hint}`]);
  });

  test.each(['It costs $5.', 'US$ and $unknown', '{ "a": 1 }', '${count} ${...callerNo}', '$count'])(
    '%s is left alone',
    (text) => {
      expect(hints({ $count: '1' }, say(text))).toEqual([]);
    },
  );

  test('an expression in place of a value', () => {
    expect(hints({ $count: '1' }, { type: 'WAIT', params: { time: '$count * 1000' } })).toEqual([
      'parameter-value error actions[1].params.time Parameters take variables but no expressions: set one before, ' +
        '{ "$time": "…" }, and write "$time" here.',
    ]);
    const params = { name: 'a', end_on_exit: '$keyPresses == "9"' };
    expect(short({ type: 'CONFERENCE', params }, HANGUP)).toContain('parameter-value actions[0].params.end_on_exit');
  });

  test('place', () => {
    const text = '{"actions":[{"type":"SAY","params":{"text":"a \\" ${1 + 1}"}},{"type":"HANGUP"}]}';
    const [finding] = lintDocument(text);
    expect(text.slice((finding?.column ?? 0) - 1)).toMatch(/^\$\{1 \+ 1\}/);
  });
});

describe('places', () => {
  test('inside an expression, escapes and all', () => {
    const text =
      '{\n  "actions": [\n    { "type": "IF", "condition": "\\u0024a == \\"x\\" &&& 1", "then": [] },\n    { "type": "HANGUP" }\n  ]\n}';
    const [finding] = lintDocument(text).filter(({ rule }) => rule === 'invalid-expression');
    expect(finding).toMatchObject({ line: 3, path: 'actions[0].condition' });
    expect(text.split('\n')[2]?.slice((finding?.column ?? 0) - 1)).toMatch(/^& 1"/);
  });

  test('of a parameter, a key, a variable in a text, a nested action', () => {
    const text = JSON.stringify({
      actions: [
        collect,
        { type: 'IF', condition: "$keyPresses == ''", then: [say('No.'), { type: 'SAY', params: { txt: 'a' } }] },
        HANGUP,
      ],
    });
    const places = lintDocument(text).map(({ rule, column }) => `${rule} ${text.slice(column - 1, column + 4)}`);
    expect(places).toEqual(['missing-parameter {"txt', 'unknown-key "txt"']);
    const spoken = '{"actions":[{"type":"SAY","params":{"text":"a \\" ${nobody}"}},{"type":"HANGUP"}]}';
    const [unset] = lintDocument(spoken);
    expect(unset?.rule).toBe('unset-variable');
    expect(spoken.slice((unset?.column ?? 0) - 1)).toMatch(/^nobody/);
  });

  test('inside SSML, escapes and all: errors where it cannot be read, else warnings', () => {
    const at = (ssml: string) => {
      const text = JSON.stringify({ actions: [say(ssml), HANGUP] });
      return lintDocument(text).map(({ rule, severity, column }) => [
        rule,
        severity,
        text.slice(column - 1, column + 5),
      ]);
    };
    expect(at('<speak>"a"\n<break></speak>')).toEqual([['invalid-ssml', 'error', '</spea']]);
    expect(at('<speak>"R" & D</speak>')).toEqual([['invalid-ssml', 'error', '& D</s']]);
    expect(at('<speak><break time="\t1s"/>"x"<wisper>y</wisper></speak>')).toEqual([
      ['invalid-ssml', 'warning', '<wispe'],
    ]);
    expect(at('R & D, 1 < 2')).toEqual([]);
    const found = lintDocument(
      'actions:\n  - type: SAY\n    params: { text: "<speak>a<b/></speak>" }\n  - type: HANGUP\n',
    );
    expect(found).toMatchObject([{ rule: 'invalid-ssml', line: 3, column: 30 }]);
  });

  test('behind a byte order mark', () => {
    expect(lintDocument('\ufeff{"actions":[{"type":"SAI"},{"type":"HANGUP"}]}')).toMatchObject([
      { rule: 'unknown-action', line: 1, column: 21, hint: 'Did you mean "SAY"?' },
    ]);
    expect(lintDocument('\ufeff{')).toMatchObject([{ rule: 'invalid-json', line: 1, column: 2 }]);
  });
});

describe('the ways through a document', () => {
  test('unreachable: behind both branches that leave, but not behind one', () => {
    const both = { type: 'IF', condition: '$callTime > 1', then: [HANGUP], orElse: [goto('A')] };
    const one = { type: 'IF', condition: '$callTime > 1', then: [HANGUP] };
    expect(short(label('A'), say('x'), both, say('never'))).toEqual(['unreachable-action actions[3]']);
    expect(short(one, say('x'), HANGUP)).toEqual([]);
  });

  test('a redirect to an address made from variables leaves the list', () => {
    const redirect = { type: 'REDIRECT', params: { url: '${sessionData.base}/next' } };
    expect(short(redirect)).toEqual([]);
    expect(short(redirect, say('x'))).toEqual(['unreachable-action actions[1]']);
  });

  test('loops: without a way out, with waiting, with counting', () => {
    expect(short(label('A'), goto('A'))).toEqual(['spinning-loop actions[1]']);
    expect(short(label('A'), collect, goto('A'))).toEqual([]);
    const again = { type: 'IF', condition: '$n < 9', then: [goto('A')] };
    expect(short({ $n: 0 }, label('A'), { $n: '$n + 1' }, again, HANGUP)).toEqual([]);
    expect(short({ $n: 0 }, label('A'), again, HANGUP)).toEqual(['spinning-loop actions[2].then[0]']);
  });

  test('a label out of a prompt is reached, one inside it is not', () => {
    const out = { type: 'COLLECT', params: { num_digits: 1 }, actions: [say('x'), goto('OUT')] };
    const rest = [{ type: 'IF', condition: '$keyPresses', then: [say('a')] }, label('OUT'), say('out'), HANGUP];
    expect(short(out, ...rest)).toEqual([]);
    expect(short({ ...collect, actions: [label('IN'), say('x')] }, say('y'), goto('IN'))).toContain(
      'missing-label actions[2].params.label',
    );
  });
});

describe('a COLLECT without an answer', () => {
  const use = say('You pressed ${keyPresses}.');
  test('digits used without having been looked at, also by another name', () => {
    expect(short(collect, use, HANGUP)).toEqual(['empty-collect actions[0]']);
    expect(short(collect, { $pin: '$keyPresses' }, say('${pin}'), HANGUP)).toEqual(['empty-collect actions[0]']);
  });

  test('looked at: a branch of its own, a default, a loop', () => {
    const guarded = { type: 'IF', condition: "$keyPresses == ''", then: [say('Nothing.')], orElse: [use] };
    const two = { type: 'IF', condition: "$keyPresses == '2'", then: [use] };
    expect(short(collect, guarded, HANGUP)).toEqual([]);
    expect(short(collect, two, say('Good bye.'), HANGUP)).toEqual([]);
    expect(short(label('A'), collect, two, goto('A'))).toEqual([]);
    expect(short(collect, { $who: "$keyPresses || 'nobody'" }, say('${who}'), HANGUP)).toEqual([]);
  });

  test('a SWITCH goes where its value is equal, and no other way', () => {
    const bySwitch = (cases: object[], orElse: object[]) => ({ type: 'SWITCH', value: '$keyPresses', cases, orElse });
    const one = { when: '1', then: [HANGUP] };
    expect(short(collect, bySwitch([one], [say('No.')]), HANGUP)).toEqual([]);
    expect(short(collect, bySwitch([one, { when: [2, '3'], then: [use] }], []), HANGUP)).toEqual([
      'empty-collect actions[0]',
    ]);
    expect(
      short(collect, bySwitch([{ when: ['9', ''], then: [say('No.')] }, one], [HANGUP]), say('x'), HANGUP),
    ).toEqual([]);
    expect(short(collect, bySwitch([{ when: '$pin', then: [say('No.')] }], []), HANGUP)).toContain(
      'empty-collect actions[0]',
    );
    const byLength = { type: 'SWITCH', value: '$keyPresses.length', cases: [{ when: 0, then: [say('No.')] }] };
    expect(short(collect, byLength, HANGUP)).toEqual([]);
    const whenPressed = { value: 'true', cases: [{ when: '$keyPresses', then: [HANGUP] }], orElse: [say('No.')] };
    expect(short(collect, { ...byLength, ...whenPressed }, HANGUP)).toEqual([]);
  });

  test('through the flow of a RUN, and back from it', () => {
    const two = { type: 'IF', condition: "$keyPresses == '2'", then: [use] };
    const run = (flow: string) => ({ type: 'RUN', params: { flow } });
    const found = (actions: object[], flows: object) =>
      lintDocument(JSON.stringify({ actions, flows })).map(({ rule, path }) => `${rule} ${path}`);
    expect(found([collect, two, run('bye'), HANGUP], { bye: [say('Good bye.')] })).toEqual([]);
    expect(found([collect, two, run('count'), HANGUP], { count: [{ $n: '1' }] })).toEqual(['empty-collect actions[0]']);
    expect(found([collect, run('outer'), HANGUP], { outer: [run('inner')], inner: [two] })).toEqual([
      'empty-collect actions[0]',
    ]);
    expect(found([run('ask'), two, HANGUP], { ask: [collect] })).toEqual(['empty-collect flows.ask[0]']);
    expect(found([run('ask'), two, say('No.'), HANGUP], { ask: [collect] })).toEqual([]);
    expect(found([collect, two, run('again'), HANGUP], { again: [run('again')] })).not.toContain(
      'empty-collect actions[0]',
    );
  });

  test('a treatment runs over and over, and what an event runs is beside the call', () => {
    const one = { type: 'IF', condition: "$keyPresses == '1'", then: [{ type: 'QUEUE', params: { event: 'leave' } }] };
    const inLine = (...actions: object[]) => ({ type: 'QUEUE', params: { name: 'q' }, actions });
    expect(short(inLine(collect, one), HANGUP)).toEqual([]);
    expect(short(inLine(collect, use), HANGUP)).toEqual(['empty-collect actions[0].actions[0]']);
    expect(short(inLine(collect, one, HANGUP), HANGUP)).toEqual(['empty-collect actions[0].actions[0]']);
    const room = { type: 'CONFERENCE', params: { name: 'a' }, events: { on_enter: [collect, one] } };
    expect(short(room, HANGUP)).toEqual([]);
  });

  test('looked at, and then nothing is said', () => {
    const two = { type: 'IF', condition: "$keyPresses == '2'", then: [use] };
    expect(short(collect, two, HANGUP)).toEqual(['empty-collect actions[0]']);
  });
});

describe.each(ACTIONS.map((action) => [action.type, action.example] as const))(
  'the example of %s',
  (_type, example) => {
    test('is written as the language has it', () => {
      const rules = lintDocument(JSON.stringify({ actions: [example, HANGUP] })).map(({ rule }) => rule);
      const form = ['unknown-action', 'unknown-key', 'missing-parameter', 'parameter-value', 'invalid-expression'];
      expect(rules.filter((rule) => form.includes(rule))).toEqual([]);
    });
  },
);

test('sub-flows: run, returned from, never run; a SWITCH looks at the digits; variables of a FOREACH', () => {
  const menu = [
    collect,
    { type: 'SWITCH', value: '$keyPresses', cases: [{ when: '1', then: [{ type: 'RETURN' }, say('never')] }] },
    say('Again.'),
  ];
  const each = { type: 'FOREACH', params: { iterator: '$sessionData.names' }, then: [say('${val} ${index} ${other}')] };
  const document = {
    actions: [each, { type: 'RUN', params: { flow: 'menu' } }, HANGUP],
    flows: { menu, spare: [say('x')] },
  };
  expect(lintDocument(JSON.stringify(document)).map(({ rule, path }) => `${rule} ${path}`)).toEqual([
    'unset-variable actions[0].then[0].params.text',
    'unreachable-action flows.menu[1].cases[0].then[1]',
    'unreachable-action flows.spare[0]',
  ]);
});

test('parameters by another name, and without one of their own', () => {
  const hints = (entry: object) =>
    lintDocument(JSON.stringify({ actions: [entry, HANGUP] })).map(({ rule, severity, hint }) => [
      rule,
      severity,
      hint,
    ]);
  const missing = ['missing-parameter', 'error', 'Add "params": { "time": … }.'];
  expect(hints({ type: 'WAIT', params: { duration: 2_000 } })).toEqual([
    missing,
    ['unknown-key', 'error', 'Did you mean "time"?'],
  ]);
  expect(hints({ type: 'WAIT', duration: 2_000 })).toEqual([
    missing,
    ['unknown-key', 'error', 'Did you mean "time" inside "params"?'],
  ]);
  expect(hints({ type: 'STREAM', params: { url: 'wss://a.example', sample_rate: 11_025, codec: 'l16' } })).toEqual([
    ['parameter-value', 'error', 'Write one of: 8000, 16000, 24000.'],
  ]);
  expect(hints({ type: 'STREAM', params: { url: 'wss://a.example', sample_rate: 16_000 } })).toEqual([
    ['action-form', 'warning', 'See STREAM in the language reference.'],
  ]);
  expect(hints({ type: 'HTTP', params: { url: 'https://a.example', headers: ['a: b'] } })).toEqual([
    ['parameter-value', 'error', 'Write an object.'],
  ]);
});

test('session data: a name that is set and never read, and its near miss', () => {
  const set = { type: 'SESSIONDATA', session_data: { gender: 'm', age: 1 } };
  expect(short(set, say('${sessionData.gendre} ${sessionData.age} ${sessionData.firstName}'), HANGUP)).toEqual([
    'unset-variable actions[1].params.text',
  ]);
});

const anyText = fc.oneof(
  fc.string(),
  fc.json(),
  fc
    .array(
      fc.dictionary(fc.constantFrom('type', 'params', 'then', 'actions', '$a', 'condition', 'name'), fc.jsonValue()),
      { maxLength: 4 },
    )
    .map((actions) => JSON.stringify({ actions })),
  fc
    .array(fc.constantFrom(collect, label('A'), goto('A'), HANGUP, { type: 'IF', condition: '1', then: [goto('A')] }), {
      maxLength: 9,
    })
    .map((actions) => JSON.stringify({ actions })),
);

test('a list with nothing in it', () => {
  expect(lintDocument('{"actions": []}').map(({ rule, path, column }) => [rule, path, column])).toEqual([
    ['no-hangup', 'actions', 13],
  ]);
  expect(lintDocument('{"actions": []}', { sms: true })).toEqual([]);
});

test('keys at the top that are nearly what they were to be, in flows of calls and of messages', () => {
  const messages = (document: object, sms: boolean) =>
    lintDocument(JSON.stringify(document), { sms }).map(({ message }) => message);
  for (const sms of [false, true]) {
    expect(messages({ action: [HANGUP] }, sms)).toEqual([
      'the document has no "actions" list; there is "action", did you mean "actions"?',
    ]);
    expect(messages({ actions: [HANGUP], flow: {} }, sms)).toEqual([
      'unknown key "flow" at the top of the document; did you mean "flows"?',
    ]);
  }
});

test('any text: findings with places, never an exception', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const lines = text.split('\n');
      for (const { line, column } of lintDocument(text)) {
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
      }
    }),
    { numRuns: 300, seed: 3 },
  );
}, 60_000);

test('a large document in good time', () => {
  const actions = Array.from({ length: 9_000 }, (_, index) => (index % 3 === 0 ? collect : say(`Text ${index % 50}`)));
  const text = JSON.stringify({ actions });
  const startMs = performance.now();
  lintDocument(text);
  expect(performance.now() - startMs).toBeLessThan(5_000);
}, 60_000);

test.each([
  ['text nested too deeply', `{"actions":${'['.repeat(500)}${']'.repeat(500)}}`, 'invalid-json', 1, 140, /^Mend/],
  ['YAML too long', `actions: []\n${'#\n'.repeat(600_000)}`, 'invalid-yaml', 1, 1, /as JSON/],
  ['a second document', 'actions: []\n---\nactions: []\n', 'invalid-yaml', 2, 1, /file of its own/],
  ['a merge key', 'actions:\n- <<: { type: HANGUP }\n', 'invalid-yaml', 2, 3, /plainly/],
  [
    'a number too large',
    '{"actions":[{"type":"WAIT","params":{"time":1e999}},{"type":"HANGUP"}]}',
    'parameter-value',
    1,
    45,
    /0 to 3600000/,
  ],
])('told of once, with its place: %s', (_what, text, rule, line, column, hint) => {
  const found = lintDocument(text);
  expect(found).toMatchObject([{ rule, line, column }]);
  expect(found[0]?.hint).toMatch(hint);
});

test.each<[string, object[]]>([
  [
    'copies of an empty answer, each in a branch of its own',
    Array.from({ length: 400 }, (_, index) => ({
      type: 'IF',
      condition: `$callTime > ${index}`,
      then: [{ [`$copy${index}`]: '$keyPresses' }],
    })),
  ],
  ['flows that run each other', Array.from({ length: 300 }, () => ({ type: 'RUN', params: { flow: '$which' } }))],
])(
  'in good time: %s',
  (_what, actions) => {
    const flows = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`f${index}`, actions.slice(0, 8)]));
    const startMs = performance.now();
    lintDocument(JSON.stringify({ actions: [collect, ...actions, HANGUP], flows }));
    expect(performance.now() - startMs).toBeLessThan(20_000);
  },
  60_000,
);

describe('YAML', () => {
  const places = (text: string) => lintDocument(text).map(({ rule, path, line, column }) => [rule, path, line, column]);

  test.each(['', '\uFEFF'])('line and column of what is found, behind %j', (before) => {
    const text = `${before}actions:
  - type: SAI
  - type: SAY
    params:
      text: Hello \${nobody}
      lop: 1
  - type: IF
    condition: $a &&& 1
    then: []
  - { type: SAY, params: { text: 'It''s \${nobody}', text: "\\u0024{nobody}" } }
  - type: SAY
    params:
      text: |
        Good bye, \${nobody}
  - type: HANGUP
`;
    const found = places(text);
    const at = (rule: string) => found.filter(([name]) => name === rule).map(([, , line, column]) => [line, column]);
    expect(at('unknown-action')).toEqual([[2, 11]]);
    expect(at('unknown-key')).toEqual([[6, 7]]);
    expect(at('invalid-expression')).toEqual([[8, 21]]);
    expect(at('duplicate-key')).toEqual([[10, 53]]);
    expect(at('unset-variable')).toContainEqual([5, 21]);
    expect(at('unset-variable')).toContainEqual([14, 21]);
  });

  test.each(['\n', '\r\n'])('in blocks of several lines, %j between them', (end) => {
    const lines = [
      'actions:',
      '  - type: SAY',
      '    params:',
      '      text: >-  # folded',
      '        Hello',
      '        ${first}',
      '',
      '        and ${second}',
      '  - type: IF',
      '    condition: |',
      "        $keyPresses == '1'",
      '        && )',
      '    then: []',
      '  - type: HANGUP',
    ];
    expect(places(lines.join(end)).filter(([rule]) => rule !== 'action-form')).toEqual([
      ['unset-variable', 'actions[0].params.text', 6, 11],
      ['unset-variable', 'actions[0].params.text', 8, 15],
      ['invalid-expression', 'actions[1].condition', 12, 12],
    ]);
  });

  test('what is no YAML, and no document', () => {
    expect(places('actions:\n  - type: SAY\n params: {}\n')).toEqual([['invalid-yaml', '', 3, 1]]);
    expect(places('- type: SAY\n')).toEqual([['no-action-list', '', 1, 1]]);
    expect(places('actions:\n- &a { type: HANGUP }\n- *a\n')).toEqual([['invalid-yaml', '', 3, 3]]);
  });

  test('any text gives findings, never an error', () => {
    const part = fc.constantFrom(
      'actions:',
      '\n',
      '  ',
      '- ',
      'type: ',
      'SAY',
      '{',
      '}',
      '[',
      '"',
      "'",
      '|',
      '&a ',
      '*a',
      '!t ',
      '? ',
      ': ',
      '#',
      '---',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        for (const { line, column } of lintDocument(`actions:${parts.join('')}`))
          expect(Math.min(line, column)).toBeGreaterThan(0);
      }),
    );
  });
});

describe('flows for text messages', () => {
  const sms = (...actions: unknown[]) =>
    lintDocument(JSON.stringify({ actions }), { sms: true }).map(({ rule, path }) => `${rule} ${path}`);
  const reply = { type: 'SMS', params: { message: 'You wrote ${textMessage}.' } };

  test('need no HANGUP, and take none of what needs a call, wherever it stands', () => {
    expect(sms({ type: 'IF', condition: "$keywordType == 'Help'", then: [reply] })).toEqual([]);
    expect(sms({ type: 'IF', condition: '$keywordDetected', then: [say('x')] }, reply)).toEqual([
      'needs-call actions[0].then[0].type',
    ]);
    expect(short(reply, HANGUP)).toEqual([]);
  });
});
