import { expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { VirtualCall } from '../../testing/virtual-call.ts';

const begin = (...actions: JsonObject[]) =>
  new VirtualCall({
    answers: { document: { actions: [...actions, { type: 'HANGUP' }] } },
    settings: { answerOnRing: true },
  });
const webhook = {
  recording_webhook: { url: ' https://example.com/a ' },
  recording_webhook_failover: 'https://example.com/b',
};
const TOLD = { url: 'https://example.com/a', failoverUrl: 'https://example.com/b' };

test.each<[string, JsonObject]>([
  ['a message', { type: 'RECORD', params: webhook }],
  ['a call in the background', { type: 'RECORD', params: { action: 'start', ...webhook } }],
  ['a transfer', { type: 'TRANSFER', params: { no: '+12125550111', record: true, ...webhook } }],
  ['a conference', { type: 'CONFERENCE', params: { name: 'team', record: true, ...webhook } }],
])('whom the recording of %s is told of', (_, action) => {
  expect(begin(action).toEnd().of('start_recording')).toMatchObject([{ webhook: TOLD }]);
});

test('nobody is told unless the flow says so, nor of what is no address', () => {
  const alone = begin(
    { type: 'RECORD' },
    { type: 'RECORD', params: { recording_webhook_failover: 'https://a.example/' } },
  );
  expect(alone.toEnd().of('start_recording')).toMatchObject([{ webhook: null }, { webhook: null }]);
  const call = begin({ type: 'RECORD', params: { recording_webhook: { uri: 'https://a.example/' } } }).toEnd();
  expect(call.of('start_recording')).toMatchObject([{ webhook: null }]);
  expect(call.messages('warning')).toEqual([
    'params.recording_webhook is an object without a "url"; an address or { "url": … } is expected',
  ]);
});
