import { expect, test } from 'vitest';
import type { Json } from '../../io.ts';
import { VirtualCall } from '../../testing/virtual-call.ts';

const reject = (reason: Json) => ({ type: 'REJECT', params: { reason } });
const say = (text: string) => ({ type: 'SAY', params: { text } });

test.each<[Json, number, string[]]>([
  ['busy', 486, []],
  ['declined', 603, []],
  ['unavailable', 480, []],
  ['not_found', 404, []],
  [null, 603, []],
  ['$why', 486, []],
  ['Busy', 486, ['params.reason is "Busy", taken as "busy"']],
  [
    'buzy',
    603,
    [
      'params.reason is "buzy"; one of busy, declined, unavailable, not_found is expected, declined is used; did you mean "busy"?',
    ],
  ],
])('%j is %i, and the call is never answered', (reason, sipStatus, warnings) => {
  const document = { actions: [{ $why: "'BUSY'" }, reject(reason), say('no')] };
  const call = new VirtualCall({ answers: { document } }).toEnd();
  expect(call.of('hang_up')).toMatchObject([{ sipStatus }]);
  expect(call.effects.map(({ type }) => type)).toEqual(['ring', 'request_callback', 'hang_up', 'finish']);
  expect(call.messages('warning')).toEqual(warnings);
});

test('after the answer it is reported and the call hung up', () => {
  const document = { actions: [say('Hello.'), reject('busy'), say('no')] };
  const call = new VirtualCall({ answers: { document } }).toEnd();
  expect(call.heard).toEqual(['Hello.']);
  expect(call.of('hang_up')).toMatchObject([{ reason: 'REJECT after the answer', sipStatus: null }]);
  expect(call.messages('warning')).toEqual(['the call has been answered and cannot be rejected; it is hung up']);
});

test('so it is once the answer is on its way', () => {
  const call = new VirtualCall({ answers: { document: { actions: [say('Hello.')] } } }).advance(60);
  call.input({ type: 'inject_actions', actions: [reject('busy')], when: 'now', atMs: call.nowMs });
  expect(call.of('hang_up')).toMatchObject([{ sipStatus: null }]);
});

test('HANGUP before the answer leaves the status to the driver', () => {
  const call = new VirtualCall({ answers: { document: { actions: [{ type: 'HANGUP' }] } } }).toEnd();
  expect(call.of('hang_up')).toMatchObject([{ reason: 'HANGUP', sipStatus: null }]);
});
