import { describe, expect, test } from 'vitest';
import type { Effect, Input, Json, JsonObject } from '../io.ts';
import {
  type BrokenInterpreter,
  brokenInterpreter,
  FAULT_NAMES,
  type FaultName,
  INAUDIBLE_FAULTS,
} from '../testing/broken-interpreters.ts';
import { lineLog, messageLog } from '../testing/line-log.ts';
import type { LoggedCall } from './logged-call.ts';
import { loggedWorld } from './logged-world.ts';
import { replayCallLog } from './replay-log.ts';
import type { SimulationScript } from './script.ts';
import { simulateCallLog } from './simulate-log.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const flow = (...actions: Json[]): JsonObject => ({ actions });
const MENU = flow(
  {
    type: 'COLLECT',
    name: 'pin',
    params: { num_digits: 2, timeout: 2000, retries: 1 },
    actions: [say('Press two keys.'), say('Any two.')],
  },
  { type: 'IF', condition: "$keyPresses == '12'", then: [say('Twelve.')], orElse: [say('Not twelve.')] },
  { $n: '+$keyPresses * $sessionData.factor' },
  say('That makes ${n}.'),
);
const HANGUP: JsonObject = { type: 'HANGUP' };
const ON_SAYING = (text: string) => ({ type: 'SAY', params: { text: `Event: ${text}` } });

const CALLS: [string, LoggedCall][] = [
  ['keys, then none, no document', lineLog([MENU, MENU, 'x'], { presses: ['12', ''], sessionData: { factor: 3 } })],
  ['the caller hangs up in a prompt', lineLog([MENU], { hangupAfterMs: 1_500 })],
  ['a prompt that cannot be played', lineLog([MENU], { presses: ['12'], playback: () => new Error('no voice') })],
  [
    'a prompt that is given up after a while',
    lineLog([MENU], { presses: ['12'], playback: () => ({ failure: 'no answer', afterMs: 12_000 }) }),
  ],
  ['outbound', lineLog([MENU], { direction: 'outbound', presses: ['99'] })],
  [
    'outbound, nobody answers',
    lineLog(
      [],
      { direction: 'outbound', answersAfterMs: Number.POSITIVE_INFINITY, hangupAfterMs: 9_000 },
      {
        inputs: (inputs) =>
          inputs.map((one) => (one.type === 'ended' ? { ...one, by: 'api', status: 'no-answer', error: '480' } : one)),
      },
    ),
  ],
  [
    'the server does not answer before the caller hangs up',
    lineLog([MENU], { hangupAfterMs: 9_000, callbackMs: () => Number.POSITIVE_INFINITY }),
  ],
  ...worlds(),
  ...messages(),
];

/** Calls that have to do with others. */
function worlds(): [string, LoggedCall][] {
  const transfer = {
    type: 'TRANSFER',
    params: { no: ['+12125550111', '+12125550112'], order: 'sequential', timeout: 5000, hangup_on_star: true },
    events: { on_answer: [ON_SAYING('answered')] },
  };
  const asking = {
    type: 'TRANSFER',
    params: { no: ['+12125550111', '+12125550112'], confirm_key: '1' },
    confirm: [
      { type: 'COLLECT', params: { num_digits: 1 }, actions: [say('A call from a customer. To take it, press 1.')] },
    ],
  };
  const conference = {
    type: 'CONFERENCE',
    params: { name: 'a' },
    events: { on_enter: [ON_SAYING('in')], on_participant_enter: [ON_SAYING('other')] },
  };
  const queue = { type: 'QUEUE', params: { name: 'a', max_wait: 8000 }, actions: [say('Please wait.')] };
  const stream = {
    type: 'STREAM',
    params: { url: 'wss://example.com/', bidirectional: true, max_time: 4000 },
    events: { on_start: [ON_SAYING('on')] },
  };
  const whole = [
    { type: 'RECORD', params: { action: 'start' } },
    say('Now it is recorded.'),
    { type: 'RECORD', params: { action: 'stop' } },
    say('Now it is not.'),
  ];
  const message = { type: 'RECORD', params: { timeout: 1000, finish_on_key: '#' }, actions: [say('After the beep.')] };
  const http = { type: 'HTTP', params: { url: 'https://example.com/', result: 'got' } };
  const detect = { type: 'DETECT', events: { on_fax: [ON_SAYING('fax')], on_live_person: [ON_SAYING('person')] } };
  const busyThenTalk: SimulationScript['transfers'] = [{ no: '+12125550111', outcome: 'busy' }, { talkMs: 3_000 }];
  const call = (entries: Json[], script: SimulationScript = {}, changes?: Parameters<typeof lineLog>[2]) =>
    lineLog([flow(...entries, say('Done.'), HANGUP)], script, changes);
  const star: Input = { type: 'digit', digit: '*', durationMs: 80, atMs: 0 };
  const injected: Input = { type: 'inject_actions', actions: [say('Put in.'), HANGUP], when: 'now', atMs: 0 };
  return [
    ['transfer: busy, then answered', call([transfer], { transfers: busyThenTalk })],
    [
      'transfer: ended by a key',
      call([transfer], { transfers: [{ talkMs: null }] }, { doing: { atMs: 6_000, input: star } }),
    ],
    [
      'transfer: callees are asked, one takes the call',
      call([asking], {
        transfers: [
          { no: '+12125550111', afterMs: 500 },
          { presses: ['1'], talkMs: 3_000 },
        ],
      }),
    ],
    ['transfer: callees are asked and hang up in a prompt', call([asking], { transfers: [{ declines: true }] })],
    ['conference', call([conference])],
    ['conference: the caller hangs up', call([conference], { conferences: [{ endsMs: null }], hangupAfterMs: 9_000 })],
    ['queue: connected', call([queue], { queues: [{ ahead: 2, connectsMs: 4_000 }] })],
    [
      'queue: agents are rung',
      call([{ ...queue, params: { ...queue.params, agents: ['alice', 'bob'] } }], {
        queues: [{ ahead: 0 }],
        agents: [{ no: 'alice', outcome: 'busy' }],
      }),
    ],
    ['queue: waited too long', call([queue], { queues: [{ connectsMs: null }] })],
    ['stream: its longest time', call([stream], { streams: [{ closesMs: null }] })],
    ['stream: closed', call([stream], { streams: [{ closesMs: 1_000 }] })],
    ['stream: refused', call([stream], { streams: [{ failure: 'refused' }] })],
    [
      'transfer: the flow rings no more phones than it may',
      call([transfer, transfer, { type: 'DIAL', params: { no: '+12125550113' } }], {
        transfers: [{ outcome: 'no-answer' }],
        settings: { maxLegs: 3 },
      }),
    ],
    ['recordings of the call and of a message', call([...whole, message])],
    ['http and what it answers', call([http, say('${got.name}')], { http: () => ({ body: { name: 'Ann' } }) })],
    ['who answers', call([detect], { party: { is: 'fax', afterMs: 700 } })],
    ['a message', call([{ type: 'SMS', params: { no: '+12125550111', message: 'x' } }], { messageError: 'no' })],
    ['a command', call([say('A long text that is cut short.')], {}, { doing: { atMs: 700, input: injected } })],
  ];
}

/** Text messages. */
function messages(): [string, LoggedCall][] {
  const sms = (message: string): JsonObject => ({ type: 'SMS', params: { message } });
  const wait: JsonObject = { type: 'WAIT', params: { time: 2_000 } };
  const http: JsonObject = { type: 'HTTP', params: { url: 'https://example.com/', result: 'got' } };
  const dial: JsonObject = { type: 'DIAL', params: { no: '+12125550111' } };
  const redirect: JsonObject = { type: 'REDIRECT', params: { url: 'https://flow.example/next' } };
  const branch: JsonObject = {
    type: 'IF',
    condition: "$textMessage == 'Hello'",
    then: [sms('Hello to you.')],
    orElse: [sms('What?')],
  };
  const shutDown: Input = { type: 'ended', status: 'failed', by: 'api', reason: 'shut down', error: null, atMs: 0 };
  return [
    ['message: a reply', messageLog([flow(branch)])],
    ['message: no reply', messageLog([''])],
    ['message: an answer that is no flow', messageLog(['[1]'])],
    ['message: the callback fails', messageLog([new Error('out of order')])],
    ['message: a reply that cannot be sent', messageLog([flow(branch)], { messageError: 'no route' })],
    [
      'message: with media, from somebody who opts out',
      messageLog([flow(sms('Bye.'))], { text: 'STOP', mediaUrls: ['x'] }),
    ],
    [
      'message: it waits, asks and dials',
      messageLog([flow(wait, http, sms('${got.a}'), dial)], { http: () => ({ body: { a: 1 } }) }),
    ],
    ['message: asked again', messageLog([flow({ $a: 1 }, redirect), flow(sms('${a}'))])],
    ['message: its longest time', messageLog([flow(sms('One.'), { type: 'WAIT', params: { time: 99_000 } })])],
    ['message: given up', messageLog([flow(wait, sms('x'))], {}, { doing: { atMs: 900, input: shutDown } })],
  ];
}

test.each(CALLS)('a call and its simulation have the same transcript: %s', (_what, log) => {
  const { obstacle, logged, simulated, isSame } = simulateCallLog(log);
  expect(obstacle).toBeNull();
  expect(simulated).toEqual(logged);
  expect(isSame).toBe(true);
  expect(logged.at(-1)).toMatch(/^ended: /);
});

describe('an interpreter with a fault', () => {
  /** The calls for which the fault makes a difference, and those in which it was noticed. */
  function faultIn(name: FaultName, isNoticed: (log: LoggedCall, interpreter: BrokenInterpreter) => boolean) {
    const found = { shown: [] as string[], noticed: [] as string[] };
    for (const [what, log] of CALLS) {
      const interpreter = brokenInterpreter(name);
      if (isNoticed(log, interpreter)) found.noticed.push(what);
      if (interpreter.hasShown()) found.shown.push(what);
    }
    return found;
  }

  test.each(FAULT_NAMES)('that %s: a replay notices it in every call that it matters to', (name) => {
    const { shown, noticed } = faultIn(name, (log, interpreter) =>
      replayCallLog(log, { interpreter }).some(({ differences }) => differences.length > 0),
    );
    expect(noticed).toEqual(shown);
    expect(shown.length).toBeGreaterThan(0);
  });

  test.each(FAULT_NAMES.filter((name) => !INAUDIBLE_FAULTS.includes(name)))(
    'that %s: a simulation notices it',
    (name) => {
      const { shown, noticed } = faultIn(name, (log, interpreter) => !simulateCallLog(log, { interpreter }).isSame);
      expect(noticed.length).toBeGreaterThan(0);
      expect(shown).toEqual(expect.arrayContaining(noticed));
    },
  );
});

test('a call whose line did something else than a line does is told apart', () => {
  const timeless = lineLog(
    [MENU, MENU],
    { hangupAfterMs: 6_000 },
    {
      inputs: (inputs) => inputs.filter(({ type }) => type !== 'timer'),
    },
  );
  expect(simulateCallLog(timeless)).toMatchObject({ obstacle: null, isSame: false });
});

test('a message that is not settled yet has no end', () => {
  const log = messageLog([flow({ type: 'SMS', params: { message: 'x' } })]);
  expect(simulateCallLog({ ...log, steps: log.steps.slice(0, -1) })).toMatchObject({ obstacle: 'the log has no end' });
});

test('a call with very many callbacks', () => {
  const [start] = lineLog([]).steps;
  if (start === undefined) throw new Error('a log begins with its start');
  const steps = Array.from({ length: 40_000 }).flatMap((_, index) => {
    const requestId = `r${index}`;
    const input: Input = { type: 'callback_answered', requestId, httpStatus: 200, bodyText: `${index}`, atMs: index };
    const effect = start.effects.find(({ type }) => type === 'request_callback');
    return [
      { input: { ...start.input, atMs: index }, effects: [{ ...effect, requestId } as Effect] },
      { input, effects: [] },
    ];
  });
  const { answerCallback } = loggedWorld(steps);
  expect([answerCallback(), answerCallback(), answerCallback()]).toEqual(['0', '1', '2']);
});

test('a log that has no end cannot be simulated', () => {
  const log = lineLog([MENU], {}, { inputs: (inputs) => inputs.filter(({ type }) => type !== 'ended') });
  expect(simulateCallLog(log)).toMatchObject({ obstacle: 'the log has no end', simulated: [] });
});
