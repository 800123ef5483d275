import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../io.ts';
import { VirtualCall } from '../../testing/virtual-call.ts';

const LONG = { type: 'SAY', params: { text: 'Long.', loop: 0 } };
const started = (params: JsonObject, ...after: Json[]): VirtualCall => {
  const actions = [{ ...LONG, params: { ...LONG.params, ...params } }, ...after, { type: 'HANGUP' }] as JsonObject[];
  return new VirtualCall({ answers: { document: { actions } }, settings: { answerOnRing: true } }).advance(300);
};
const isOver = (call: VirtualCall): boolean => call.of('hang_up').length > 0;

describe('what cuts a SAY or PLAY short', () => {
  test.each<[Json, boolean, boolean]>([
    [true, true, false],
    [['digits'], true, false],
    [['speech'], false, true],
    ['speech', false, true],
    [['digits', 'speech'], true, true],
    [false, false, false],
  ])('barge_in %j', (barge_in, byKey, bySpeech) => {
    expect(isOver(started({ barge_in }).press('1'))).toBe(byKey);
    const call = started({ barge_in });
    expect(call.of('start_listening').length).toBe(bySpeech ? 1 : 0);
    expect(isOver(call.beginsToSpeak())).toBe(bySpeech);
    expect(call.listenId).toBe('none');
  });

  test('PLAY too, and over all of its files', () => {
    const play = {
      type: 'PLAY',
      params: { url: ['https://e.com/a.wav', 'https://e.com/b.wav'], barge_in: ['speech'] },
    };
    const document = { actions: [play, { type: 'HANGUP' }] };
    const call = new VirtualCall({ answers: { document } }).advance(1_500).beginsToSpeak().toEnd();
    expect(call.of('start_listening').length).toBe(1);
    expect(call.of('stop_playback').length).toBe(1);
    expect(call.messages('progress')).toEqual(['cut short by speech']);
  });

  test('at its end, and when it is cut short otherwise, nobody listens any more', () => {
    expect(started({ barge_in: ['speech'], loop: 1 }).advance(1_000).listenId).toBe('none');
    expect(started({ barge_in: ['digits', 'speech'] }).press('1').listenId).toBe('none');
    const call = started({ barge_in: ['speech'] });
    expect(call.input({ type: 'inject_actions', when: 'now', actions: [], atMs: call.nowMs }).listenId).toBe('none');
  });

  test('a COLLECT after it is listened for in the same moment', () => {
    const call = started({ barge_in: ['speech'] }, { type: 'COLLECT', params: { input: 'speech' } }).beginsToSpeak();
    expect(call.effects.slice(-4).map(({ type }) => type)).toEqual([
      'stop_playback',
      'stop_listening',
      'set_timer',
      'start_listening',
    ]);
    call.says('yes').toEnd();
    expect(call.of('finish')[0]?.body.key_presses).toEqual([{ name: null, digits: '', speech: 'yes' }]);
  });

  test('without speech recognition it plays on, and says why', () => {
    const call = started({ barge_in: ['speech'], loop: 2 });
    call.input({ type: 'listening_failed', listenId: call.listenId, reason: 'no model', atMs: call.nowMs });
    expect(call.messages('error')).toEqual(['speech cannot cut it short: no model']);
    expect(call.toEnd().heard).toEqual(['Long.', 'Long.']);
    expect(call.of('start_listening').length).toBe(1);
  });

  test('while a list beside it speaks there is nothing to cut short', () => {
    const call = started({ barge_in: ['speech'], loop: 1 });
    const beside = [{ type: 'SAY', params: { text: 'Beside.' } }];
    call.input({ type: 'inject_actions', when: 'beside', actions: beside, atMs: call.nowMs }).advance(100);
    call.beginsToSpeak();
    expect(call.messages('progress')).toEqual([]);
    expect(call.toEnd().heard).toEqual(['Long.', 'Beside.', 'Long.']);
  });
});
