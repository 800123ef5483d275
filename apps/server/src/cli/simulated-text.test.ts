import { describe, expect, test } from 'vitest';
import { file, run, serve } from './commands-under-test.ts';
import { lintCommand } from './lint.ts';
import { replayCommand } from './replay.ts';
import { simulateCommand } from './simulate.ts';

const sms = (message: string) => ({ type: 'SMS', params: { message } });
const textFlow = () =>
  file(
    'texts.yaml',
    `actions:
  - { type: SAY, params: { text: Hello. } }
  - type: IF
    condition: $keywordType == 'Help'
    then: [{ type: SMS, params: { message: Call us. } }]
    orElse: [{ type: SMS, params: { message: Thank you. } }]
`,
  );

test('a message comes in, in place of a call', async () => {
  const help = await run(simulateCommand(), textFlow(), '--sms', 'help', '--caller', '+13105550142');
  expect(help.out).toMatch(/message {4}from \+13105550142 to \+12125550123: "help" \(Help\)/);
  expect(help.out).toContain('SAY needs a call; for a text message it is left out');
  expect(help.out).toContain('message to +13105550142: Call us.');
  expect(help.code).toBe(1);
  const stop = await run(simulateCommand(), textFlow(), '--sms', 'STOP', '--json');
  expect(JSON.parse(stop.out)).toMatchObject({
    sent: [{ text: 'Thank you.', error: expect.stringMatching(/^opt-out/) }],
    outcome: { status: 'completed' },
  });
});

test('a web server is really asked', async () => {
  const url = await serve((_request, body) => {
    const { text_message: text } = JSON.parse(body) as { text_message: string };
    return { json: { actions: [sms(`${text}!`)] } };
  });
  const asked = await run(simulateCommand(), url, '--sms', 'Hi', '--json');
  expect(JSON.parse(asked.out)).toMatchObject({ sent: [{ text: 'Hi!', error: null }] });
  expect(asked.code).toBe(0);
});

describe('it goes without what is of calls only', () => {
  test.each([
    ['--press', '1'],
    ['--speech', 'yes'],
    ['--speech-error', 'no engine'],
    ['--interactive'],
    ['--outbound'],
    ['--hangup-after', '5s'],
    ['--transfer', 'busy'],
    ['--callee-press', '1'],
    ['--callee-declines'],
    ['--conference', 'kicked'],
    ['--queue', 'ahead=2'],
    ['--agent', 'busy'],
    ['--recording', 'speaks=2s'],
    ['--stream', 'closes=2s'],
    ['--party', 'fax'],
  ])('%s', async (...given) => {
    const { code, err, out } = await run(simulateCommand(), textFlow(), '--sms', 'Hi', ...given);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`it goes without ${given[0]}.`);
  });

  test('all of them are named', async () => {
    const { err } = await run(simulateCommand(), textFlow(), '--press', '1', '--sms', 'Hi', '--transfer', 'busy');
    expect(err).toMatch(/it goes without --press, --transfer\./);
  });

  test('what messages have, too, is taken', async () => {
    const about = ['--caller', '+13105550142', '--number', '+12125550123', '--at', '2026-01-02T09:00:00Z', '--json'];
    const what = ['--session-data', '{"a":1}', '--custom-data', '{}', '--max-callbacks', '3', '--method', 'POST'];
    const world = ['--http', '200', '--message-error', 'no'];
    const { err, out } = await run(simulateCommand(), textFlow(), '--sms', 'Hi', ...about, ...what, ...world);
    expect(err).toBe('');
    expect(JSON.parse(out)).toMatchObject({ sent: [{ to: '+13105550142', error: 'no' }], session_data: { a: 1 } });
  });
});

test('lint tells what needs a call', async () => {
  const linted = await run(lintCommand(), '--sms', textFlow());
  expect([linted.code, linted.out]).toEqual([1, expect.stringContaining('needs-call')]);
  expect((await run(lintCommand(), textFlow())).out).not.toContain('needs-call');
});

test('the log of a message is replayed, also against a new flow', async () => {
  const place = { city: '', region: '', country: '', timezone: '' };
  const numbers = { callerNo: '+13105550142', callerPlace: place, apiNo: '+14155550100', apiPlace: place };
  const about = {
    appId: 'a',
    subaccountId: '0',
    direction: 'inbound',
    customData: null,
    sipDomain: '',
    sipForwardedFor: '',
  };
  const time = '2026-01-02T09:00:00.000Z';
  const settings = {
    callback: { url: 'https://example.com/texts', method: 'POST', contentType: 'application/json' },
    callbackFailover: null,
    answerOnRing: false,
    maxCallTimeMs: 60_000,
    maxStepsWithoutWait: 100,
    maxEmptyAnswers: 3,
    emptyAnswerPauseMs: 0,
    maxIdleCallbacks: 3,
    apologyText: '',
  };
  const log = file('message.json', {
    call_id: 'm1',
    events: [
      {
        kind: 'input',
        type: 'start',
        time,
        data: {
          call: { callId: 'm1', ...about, ...numbers, startTimeMs: Date.parse(time) },
          settings,
          sessionData: null,
          seed: 1,
          message: { type: 'sms', text: 'Hi', media: [], keyword: null, apiRateCenter: '' },
        },
      },
      { kind: 'effect', type: 'set_timer', time, data: { timerId: 't1', durationMs: 60_000 } },
      {
        kind: 'input',
        type: 'callback_answered',
        time,
        data: { requestId: 'r1', httpStatus: 200, bodyText: '{}' },
      },
      { kind: 'effect', type: 'cancel_timer', time, data: { timerId: 't1' } },
      {
        kind: 'effect',
        type: 'finish_message',
        time,
        data: { record: { status: 'completed', endTimeMs: Date.parse(time), error: null } },
      },
    ],
  });
  const replayed = await run(replayCommand(), log);
  expect(replayed.out).toContain('sms, +13105550142 ↔ +14155550100');
  expect(replayed.out).toContain('request_message_callback sms POST https://example.com/texts');
  expect(replayed.out).toContain('finish_message completed');
  const against = await run(replayCommand(), log, '--against', textFlow());
  expect(against.out).toContain('With the same message, it does:');
  expect(against.out).toContain('message to +13105550142: Thank you.');
});
