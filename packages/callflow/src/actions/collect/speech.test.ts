import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../io.ts';
import { VirtualCall } from '../../testing/virtual-call.ts';

const say = (text: string, params: JsonObject = {}): JsonObject => ({ type: 'SAY', params: { text, ...params } });
const PROMPT = [say('Yes or no?')];
const TOLD = [say('S${speech} C${speechConfidence} D${keyPresses} V${collectValid}'), { type: 'HANGUP' }];

const started = (...actions: Json[]): VirtualCall =>
  new VirtualCall({ answers: { document: { actions } }, settings: { answerOnRing: true } }).advance(100);

/** A call that stands in a COLLECT of speech, followed by a SAY of what came of it. */
const collecting = (params: JsonObject = {}, extra: JsonObject = {}): VirtualCall =>
  started({ type: 'COLLECT', name: 'answer', params: { input: ['speech'], ...params }, ...extra }, ...TOLD);
const both = (params: JsonObject = {}, extra: JsonObject = {}): VirtualCall =>
  collecting({ input: ['digits', 'speech'], ...params }, extra);

const fails = (call: VirtualCall): VirtualCall =>
  call.input({ type: 'listening_failed', listenId: call.listenId, reason: 'no model', atMs: call.nowMs });

const told = (call: VirtualCall) => call.toEnd().heard.at(-1);
const entries = (call: VirtualCall) => call.toEnd().of('finish')[0]?.body.key_presses;
const collected = (call: VirtualCall) => call.messages('digits_collected');
/** What the driver was told about listening. */
const listenings = (call: VirtualCall) =>
  call.effects.flatMap((effect) => {
    if (effect.type !== 'start_listening' && effect.type !== 'stop_listening') return [];
    return [`${effect.type === 'start_listening' ? '+' : '-'}${effect.listenId}`];
  });

describe('words', () => {
  test('the first thing said ends it', () => {
    const call = collecting().says('yes', 0.9);
    expect(told(call)).toBe('Syes C0.9 D Vtrue');
    expect(entries(call)).toEqual([{ name: 'answer', digits: '', speech: 'yes' }]);
    expect(collected(call)).toEqual(['speech "yes", ended by speech']);
    expect(listenings(call)).toEqual(['+l1', '-l1']);
  });

  test('how it is listened for: hints, language, silence', () => {
    expect(collecting().of('start_listening')[0]).toMatchObject({ hints: [], language: null, endSilenceMs: 700 });
    const call = collecting({ hints: ['Yes', ' ', 'No'], language: 'en-GB', speech_end_silence: 1_200 });
    expect(call.of('start_listening')[0]).toMatchObject({
      hints: ['Yes', 'No'],
      language: 'en-GB',
      endSilenceMs: 1_200,
    });
  });

  test.each([
    ['yes', 'Yes'],
    ['NO!', 'No'],
    ['dont know', 'Don’t know'],
    ['follow up', 'Follow-up'],
    ['perhaps', 'perhaps'],
    ['yes please', 'yes please'],
  ])('said %j, with hints %j', (said, text) => {
    expect(told(collecting({ hints: ['Yes', 'No', 'Don’t know', 'Follow-up'] }).says(said))).toBe(`S${text} C D Vtrue`);
  });

  test('what is not understood is no hint, not even one without a word', () => {
    expect(told(collecting({ hints: ['?', 'Yes'] }).says(''))).toContain('Vfalse');
  });

  test('hints that are too many or too long are left out', () => {
    const call = collecting({ hints: [...Array(501).fill('a'), 'x'.repeat(101)] });
    expect(call.of('start_listening')[0]?.hints.length).toBe(500);
    expect(call.messages('warning')).toEqual(['2 hints are too many or too long; they are left out']);
  });

  test('of what a recogniser makes up, as much as a call may hold', () => {
    const call = collecting().says('a'.repeat(20_000));
    expect(entries(call)?.[0]?.speech?.length).toBe(10_000);
  });

  test('keys are for nobody', () => {
    const call = collecting().press('1');
    expect(collected(call)).toEqual([]);
    expect(call.messages('digit_ignored')).toEqual(['no COLLECT took keys when 1 was pressed']);
    expect(told(call.says('yes'))).toBe('Syes C D Vtrue');
  });

  test('keys pressed meanwhile are there for a COLLECT with type_ahead after it', () => {
    const speech = { type: 'COLLECT', params: { input: 'speech' } };
    const pin = { type: 'COLLECT', params: { num_digits: 2, type_ahead: true } };
    expect(
      told(
        started(speech, pin, ...TOLD)
          .press('12')
          .says('yes'),
      ),
    ).toBe('Syes C D12 Vtrue');
  });

  test('$speech is that of the latest COLLECT with speech', () => {
    expect(told(started(...TOLD))).toBe('S C D V');
    const digits = { type: 'COLLECT', params: { num_digits: 1 } };
    const call = started({ type: 'COLLECT', params: { input: ['speech'] } }, digits, ...TOLD)
      .says('yes', 0.5)
      .press('1');
    expect(told(call)).toBe('Syes C0.5 D1 Vtrue');
    expect(entries(call)).toEqual([
      { name: null, digits: '', speech: 'yes' },
      { name: null, digits: '1' },
    ]);
  });
});

describe('the prompt', () => {
  test('speech cuts it short, once; the timeout waits for the end of what is said', () => {
    const call = collecting({ timeout: 1_000 }, { actions: PROMPT }).advance(200).beginsToSpeak();
    expect(call.of('stop_playback').length).toBe(1);
    call.advance(8_000);
    expect(collected(call)).toEqual([]);
    expect(told(call.says('yes'))).toBe('Syes C D Vtrue');
  });

  test.each([false, [], ['digits']])(
    'not with barge_in %j: it is listened for from the end of the prompt',
    (barge_in) => {
      const call = both({ barge_in }, { actions: PROMPT }).advance(800);
      expect(call.listenId).toBe('none');
      expect(told(call.advance(300).says('yes'))).toBe('Syes C D Vtrue');
    },
  );

  test('cut short by speech alone', () => {
    const call = both({ barge_in: ['speech'], num_digits: 1 }, { actions: PROMPT })
      .advance(200)
      .press('1');
    expect(call.of('stop_playback')).toEqual([]);
    expect(told(call.says('yes'))).toBe('Syes C D Vtrue');
  });

  test('its own SAY does not decide', () => {
    const call = collecting({ barge_in: false }, { actions: [say('Yes or no?', { barge_in: ['speech'] })] });
    expect(call.listenId).toBe('none');
  });

  test('GOTO out of it: nobody listens any more', () => {
    const actions = [
      {
        type: 'COLLECT',
        params: { input: 'speech' },
        actions: [...PROMPT, { type: 'GOTO', params: { label: 'OUT' } }],
      },
      { type: 'LABEL', name: 'OUT' },
      ...TOLD,
    ];
    const call = started(...actions).advance(1_200);
    expect(listenings(call)).toEqual(['+l1', '-l1']);
    expect(entries(call)).toEqual([{ name: null, digits: '', speech: '' }]);
  });
});

describe('keys or words, whichever comes first', () => {
  test('words', () => expect(told(both({ num_digits: 1 }).says('yes'))).toBe('Syes C D Vtrue'));

  test('a key ends the listening, and it goes on with keys', () => {
    const call = both({ num_digits: 2 }).press('1');
    expect(listenings(call)).toEqual(['+l1', '-l1']);
    const late = {
      type: 'speech_recognized',
      listenId: 'l1',
      text: 'yes',
      confidence: null,
      atMs: call.nowMs,
    } as const;
    call.input(late).press('2');
    expect(told(call)).toBe('S C D12 Vtrue');
    expect(entries(call)).toEqual([{ name: 'answer', digits: '12', speech: '' }]);
  });

  test('a key while the caller speaks', () => {
    const call = both({ num_digits: 1 }).beginsToSpeak().advance(2_000).press('7');
    expect(told(call)).toBe('S C D7 Vtrue');
  });

  test('a finish key, and keys pressed before', () => {
    expect(told(both({ finish_on_key: '#' }).press('#'))).toBe('S C D Vtrue');
    const wait = { type: 'WAIT', params: { time: 1_000 } };
    const collect = { type: 'COLLECT', params: { input: ['digits', 'speech'], num_digits: 2, type_ahead: true } };
    const call = started(wait, collect, ...TOLD)
      .press('12')
      .toEnd();
    expect([told(call), listenings(call)]).toEqual(['S C D12 Vtrue', []]);
  });

  test('neither', () => {
    const call = both({ timeout: 2_000 }).advance(2_000);
    expect(collected(call)).toEqual(['no answer, ended by timeout']);
    expect(told(call)).toBe('S C D Vtrue');
    expect(listenings(call)).toEqual(['+l1', '-l1']);
  });
});

describe('what is not understood', () => {
  const retry = { actions: PROMPT, retry_actions: [say('Once more.')] };

  test('ends it without retries, and is not what was asked for', () => {
    const call = collecting().says('');
    expect(collected(call)).toEqual(['speech that was not understood, ended by speech']);
    expect(told(call)).toBe('S C D Vfalse');
  });

  test('is asked for again, and so is silence; then what there is', () => {
    const call = collecting({ retries: 2, timeout: 1_000 }, retry).advance(1_100).says('');
    call.advance(2_100);
    expect(call.heard).toEqual(['Yes or no?', 'Once more.', 'Once more.']);
    expect(call.messages('branch_taken')).toEqual([
      'speech that was not understood, not what is asked for: once more',
      'no answer, not what is asked for: once more',
    ]);
    expect(told(call.says('', 0.1))).toBe('S C0.1 D Vfalse');
    expect(entries(call)).toEqual([{ name: 'answer', digits: '', speech: '' }]);
  });

  test('the caller is listened to all the time, and after keys that are not good again', () => {
    const call = both({ retries: 3, valid: '1', num_digits: 1 }, retry).advance(1_100).says('').advance(100);
    expect(listenings(call)).toEqual(['+l1']);
    call.press('9').advance(100);
    expect(listenings(call)).toEqual(['+l1', '-l1', '+l2']);
    expect(told(call.says('yes'))).toBe('Syes C D Vtrue');
  });

  test('with a prompt that is not cut short it is not listened for meanwhile', () => {
    const call = collecting({ retries: 1, barge_in: false }, retry).advance(1_100).says('').advance(100);
    expect(listenings(call)).toEqual(['+l1', '-l1']);
    call.advance(1_000);
    expect(listenings(call)).toEqual(['+l1', '-l1', '+l2']);
  });

  test('without a prompt it is waited for again', () => {
    const call = collecting({ retries: 1 }).says('');
    expect([collected(call), listenings(call)]).toEqual([[], ['+l1']]);
    expect(told(call.says('no'))).toBe('Sno C D Vtrue');
  });

  test('valid and min_digits are about digits', () => {
    expect(told(both({ valid: ['[1-3]'], min_digits: 1 }).says('five'))).toBe('Sfive C D Vtrue');
  });

  test('somebody who speaks without end', () => {
    const call = collecting({ timeout: 1_000 }).beginsToSpeak().advance(60_000);
    expect(collected(call)).toEqual(['speech that was not understood, ended by speech']);
    expect(told(call)).toBe('S C D Vfalse');
  });
});

describe('where speech recognition is not to be had', () => {
  test('keys alone: an error, and the COLLECT is over as after a time-out, prompt and all', () => {
    const call = fails(collecting({ retries: 3 }, { actions: PROMPT }));
    expect(call.messages('error')).toEqual(['cannot hear the caller: no model']);
    expect(collected(call)).toEqual(['no answer, ended by timeout']);
    expect(told(call)).toBe('S C D Vfalse');
    expect(listenings(call)).toEqual(['+l1']);
  });

  test('with keys it goes on with keys; the prompt and the timeout go on too', () => {
    const call = fails(both({ num_digits: 1, timeout: 2_000, retries: 1 }, { actions: PROMPT }));
    expect(call.of('stop_playback')).toEqual([]);
    call.advance(3_500);
    expect([call.heard, listenings(call)]).toEqual([['Yes or no?', 'Yes or no?'], ['+l1']]);
    expect(told(call.press('1'))).toBe('S C D1 Vtrue');
  });

  test('in the middle of what the caller says', () => {
    const call = fails(both({ timeout: 1_000 }).beginsToSpeak());
    call.advance(1_000);
    expect(collected(call)).toEqual(['no answer, ended by timeout']);
  });

  test('a loop around it ends with the call', () => {
    const actions = [
      { type: 'LABEL', name: 'A' },
      { type: 'COLLECT', params: { input: 'speech' } },
      { type: 'GOTO', params: { label: 'A' } },
    ];
    const call = started(...actions);
    for (let times = 0; times < 100 && call.listenId !== 'none' && call.of('hang_up').length === 0; times += 1) {
      fails(call).advance(100);
    }
    expect(call.messages('error').at(-1)).toMatch(/^endless loop/);
    expect(call.of('start_listening').length).toBeLessThan(60);
  });
});

describe('what comes between', () => {
  const inject = (call: VirtualCall, when: 'now' | 'after_current' | 'beside', ...actions: Json[]): VirtualCall =>
    call.input({ type: 'inject_actions', when, actions, atMs: call.nowMs });

  test('the end of the call: the entry is in the last callback, and nothing is stopped on a call that is over', () => {
    const call = collecting().beginsToSpeak().callerEnds();
    expect(entries(call)).toEqual([{ name: 'answer', digits: '', speech: '' }]);
    expect(listenings(call)).toEqual(['+l1']);
    expect(call.effects.at(-1)?.type).toBe('finish');
  });

  test('our own hang-up: nobody listens any more', () => {
    const call = collecting();
    call.input({ type: 'hang_up', reason: 'x', atMs: call.nowMs });
    expect(listenings(call)).toEqual(['+l1', '-l1']);
  });

  test('a list put in now ends it; one after the current action waits for its end', () => {
    const now = inject(collecting(), 'now', say('Hello.'));
    expect(collected(now)).toEqual(['no answer, ended by interrupted']);
    expect(listenings(now)).toEqual(['+l1', '-l1']);
    const after = inject(collecting(), 'after_current', say('Hello.'));
    expect(after.heard).toEqual([]);
    expect(after.says('yes').toEnd().heard).toEqual(['Hello.', 'Syes C D Vtrue']);
  });

  test('a list put in now during the prompt ends both', () => {
    const call = inject(collecting({}, { actions: PROMPT }).advance(200), 'now', say('Hello.'));
    expect(listenings(call)).toEqual(['+l1', '-l1']);
    expect(call.toEnd().heard).toEqual(['Yes or no?', 'Hello.', 'S C D Vfalse']);
  });

  test('a list beside it goes on listening; what is said to it counts', () => {
    const call = inject(collecting(), 'beside', say('Hello.')).advance(100);
    expect(listenings(call)).toEqual(['+l1']);
    expect(told(call.says('yes'))).toBe('Syes C D Vtrue');
  });

  test('a COLLECT beside it is listened for first, then the one it is beside again', () => {
    const call = inject(collecting({ timeout: 60_000 }), 'beside', { type: 'COLLECT', params: { input: 'speech' } });
    expect(listenings(call)).toEqual(['+l1', '+l2']);
    call.says('one');
    expect(listenings(call)).toEqual(['+l1', '+l2', '-l2', '+l1']);
    expect(told(call.says('two'))).toBe('Stwo C D Vtrue');
    expect(entries(call)?.map(({ speech }) => speech)).toEqual(['one', 'two']);
  });

  test('who spoke to the one when the other began is asked to speak again', () => {
    const call = collecting({ timeout: 3_000 }).beginsToSpeak();
    inject(call, 'beside', { type: 'COLLECT', params: { input: 'speech' } })
      .advance(2_000)
      .says('one')
      .advance(2_900);
    expect(collected(call).length).toBe(1);
    call.advance(100);
    expect(collected(call).at(-1)).toBe('no answer, ended by timeout');
  });

  test('the flow beside a list that listens waits for its turn', () => {
    const ask = { type: 'COLLECT', params: { input: 'speech' } };
    const call = started({ type: 'WAIT', params: { time: 1_000 } }, ask, ...TOLD);
    inject(call, 'beside', { type: 'COLLECT', params: { input: 'speech', timeout: 60_000 } }).advance(1_000);
    expect(listenings(call)).toEqual(['+l1']);
    call.says('one');
    expect(listenings(call)).toEqual(['+l1', '-l1', '+l2']);
    expect(told(call.says('two'))).toBe('Stwo C D Vtrue');
  });

  test('a COLLECT in its prompt is listened for first', () => {
    const inner = { type: 'COLLECT', name: 'inner', params: { input: 'speech' } };
    const call = collecting({}, { actions: [inner] });
    expect(listenings(call)).toEqual(['+l2']);
    expect(entries(call.says('one').says('two'))?.map(({ speech }) => speech)).toEqual(['one', 'two']);
  });

  test('what is meant for another listening is passed over', () => {
    const call = collecting();
    for (const type of ['speech_started', 'speech_recognized', 'listening_failed'] as const) {
      call.input({ type, listenId: 'l9', text: 'x', confidence: 1, reason: 'x', atMs: call.nowMs } as never);
    }
    expect([collected(call), call.messages('error')]).toEqual([[], []]);
  });
});
