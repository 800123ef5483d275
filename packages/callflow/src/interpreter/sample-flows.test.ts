import { expect, test } from 'vitest';
import { VirtualCall } from '../testing/virtual-call.ts';

const say = (text: string) => ({ type: 'SAY', params: { text } });

test('hello world: rings, asks, answers, says it, hangs up', () => {
  const document = { actions: [say('Hello, world.'), { type: 'HANGUP' }] };
  const call = new VirtualCall({ answers: { document } }).toEnd();
  expect(call.effects.map((effect) => effect.type)).toEqual([
    'ring',
    'request_callback',
    'answer',
    'set_timer',
    'play',
    'cancel_timer',
    'hang_up',
    'finish',
  ]);
  expect(call.heard).toEqual(['Hello, world.']);
});

test('multi action: GOTO leaves out what it jumps over', () => {
  const document = {
    actions: [
      say('Welcome.'),
      { type: 'GOTO', comment: 'navigate', params: { label: 'MY_LABEL' } },
      say('You will not reach this.'),
      { type: 'LABEL', comment: 'a label', name: 'MY_LABEL' },
      say('You navigated.'),
      { type: 'HANGUP' },
    ],
  };
  const call = new VirtualCall({ answers: { document } }).toEnd();
  expect(call.heard).toEqual(['Welcome.', 'You navigated.']);
  expect(call.messages('warning')).toEqual([]);
});

const CONDITIONAL = {
  actions: [
    {
      name: 'rating',
      type: 'COLLECT',
      actions: [say('Please press one.')],
      params: { finish_on_key: 'pound', num_digits: 1, timeout: 5000 },
    },
    { type: 'IF', condition: "$keyPresses == '1'", then: [say('You pressed 1.')], orElse: [say('You did not.')] },
    { type: 'HANGUP' },
  ],
};

test.each([
  ['1', 'You pressed 1.'],
  ['2', 'You did not.'],
  ['#', 'You did not.'],
  ['', 'You did not.'],
])('conditional: key %j leads to %j', (keys, said) => {
  const call = new VirtualCall({ answers: { document: CONDITIONAL } }).advance(500).press(keys).toEnd();
  expect(call.heard).toEqual(['Please press one.', said]);
  const digits = keys === '#' ? '' : keys;
  expect(call.of('finish')[0]?.body.key_presses).toEqual([{ name: 'rating', digits }]);
});

const VARIABLE = {
  actions: [
    { type: 'SESSIONDATA', session_data: { gender: 'male', age: 19, isNice: true } },
    {
      name: 'rating',
      type: 'COLLECT',
      actions: [say('Press 1 or 2.')],
      params: { finish_on_key: 'pound', num_digits: 1, timeout: 5000 },
      comments: 'remarks',
    },
    {
      type: 'IF',
      condition: "$keyPresses == '1' && $sessionData.gender == 'male' || $sessionData.age > 21",
      then: [say('You pressed 1, or you are over 21.')],
      orElse: [say('You did not press 1.')],
    },
    say('Good bye.'),
    { type: 'HANGUP' },
  ],
};

test.each([
  ['1', 'You pressed 1, or you are over 21.'],
  ['2', 'You did not press 1.'],
])('variable: key %j leads to %j', (keys, said) => {
  const call = new VirtualCall({ answers: { document: VARIABLE } })
    .advance(500)
    .press(keys)
    .advance(300)
    .press('#')
    .toEnd();
  expect(call.heard).toEqual(['Press 1 or 2.', said, 'Good bye.']);
  expect(call.messages('digit_ignored')).toEqual(['the finish key # came after its COLLECT had all its digits']);
  expect(call.of('finish')[0]?.body.session_data).toEqual({ gender: 'male', age: 19, isNice: true });
});

test('conference welcome: in the room until it is over, then the rest', () => {
  const document = {
    actions: [
      { type: 'SAY', params: { text: 'Hello, ${sessionData.firstName}.', loop: 1 } },
      { type: 'CONFERENCE', params: { name: 'myConference' } },
      say('This call lasted ${callTime} milliseconds.'),
      { type: 'HANGUP' },
    ],
  };
  const call = new VirtualCall({ answers: { document }, sessionData: { firstName: 'Ann' } }).toEnd();
  expect(call.heard).toEqual(['Hello, Ann.', 'This call lasted 13050 milliseconds.']);
  expect(call.of('join_conference')).toMatchObject([{ name: 'myConference', holdMusic: { kind: 'default' } }]);
  expect(call.messages('warning')).toEqual([]);
});
