import { expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { VirtualCall, type VirtualCallOptions } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const begin = (actions: JsonObject[], options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: { document: { actions } }, settings: { answerOnRing: true }, ...options });

const URL = 'wss://example.com/a';
const stream = (params: JsonObject, events?: JsonObject): JsonObject => {
  return { type: 'STREAM', params: { url: URL, ...params }, ...(events && { events }) };
};

test('one way: the flow goes on; stopped by name', () => {
  const actions = [
    stream({ name: 'a', tracks: ['near', 'far', 'x'], stream_data: { who: '$callerNo' } }),
    stream({ name: 'b', protocol: 'twilio', codec: 'l16', sample_rate: 16_000 }),
    say('One.'),
    stream({ action: 'stop', name: 'a' }),
    say('Two.'),
    HANGUP,
  ];
  const call = begin(actions).toEnd();
  expect(call.of('start_stream')).toMatchObject([
    {
      streamId: 's1',
      name: 'a',
      url: URL,
      tracks: ['far', 'near'],
      bidirectional: false,
      protocol: 'voxology',
      codec: 'mulaw',
      sampleRateHz: 8000,
      streamData: { who: '+19495550101' },
    },
    { streamId: 's2', tracks: ['far'], protocol: 'twilio', codec: 'l16', sampleRateHz: 16_000, streamData: null },
  ]);
  expect(call.of('stop_stream').map(({ streamId }) => streamId)).toEqual(['s1']);
  expect(call.heard).toEqual(['One.', 'Two.']);
  expect(call.messages('warning')).toEqual([
    'params.tracks: "x" is no track; there are far, near',
    'params.tracks: "x" is no track; there are far, near',
  ]);
});

test.each([
  ['the far end closes', {}, [], '', 10_050],
  ['a key', { finish_on_key: '*' }, [], '5*', 1_900],
  ['the longest time', { max_time: 4_000 }, [{ closesMs: null }], '', 4_000],
])('both ways: the flow waits until %s', (_what, params, streams, keys, lengthMs) => {
  const call = begin([stream({ bidirectional: true, ...params }), say('${streamStatus}'), HANGUP], {
    world: { streams },
  });
  call.advance(2_000).press(keys).toEnd();
  expect(call.heard).toEqual(['completed']);
  const [started] = call.of('start_stream');
  expect((call.of('play')[0]?.atMs ?? 0) - (started?.atMs ?? 0)).toBe(lengthMs);
});

test('it fails: reported, the flow goes on; events beside it', () => {
  const events = { on_start: [say('Start.')], on_end: [say('End.')], on_error: [say('Error: ${reason}.')] };
  const failing = begin([stream({ bidirectional: true }, events), say('${streamStatus}'), say('x'), HANGUP], {
    world: { streams: [{ failure: 'refused' }] },
  }).toEnd();
  expect(failing.heard).toEqual(['Error: refused.', 'failed', 'x']);
  expect(failing.messages('error')).toEqual(['the stream failed: refused']);
  const waited = begin([stream({ bidirectional: true }, events), say('Next.'), HANGUP], {
    world: { streams: [{ closesMs: 3_000 }] },
  }).toEnd();
  expect(waited.heard).toEqual(['Start.', 'End.', 'Next.']);
  const closing = begin([stream({}, events), { type: 'WAIT', params: { time: 9_000 } }, HANGUP], {
    world: { streams: [{ closesMs: 3_000 }] },
  }).toEnd();
  expect(closing.heard).toEqual(['Start.', 'End.']);
});

test('what is no address is passed over; injected now closes it', () => {
  const wrong = begin([stream({ url: 'https://example.com' }), stream({ action: 'stop' }), HANGUP]).toEnd();
  expect(wrong.messages('error')).toEqual(['"https://example.com" is no ws(s) address; STREAM is passed over']);
  expect(wrong.messages('warning')).toEqual([
    'params.url: "https://example.com" is no ws(s) address',
    'there is no stream to stop',
  ]);
  const call = begin([stream({ bidirectional: true }), say('Next.'), HANGUP]).advance(2_000);
  call.input({ type: 'inject_actions', when: 'now', actions: [say('In.')], atMs: call.nowMs }).toEnd();
  expect([call.heard, call.of('stop_stream').length]).toEqual([['In.', 'Next.'], 1]);
});

test('a key that is none, a key for a stream that nobody waits for, a track that is none', () => {
  const actions = [
    stream({ finish_on_key: 'nope', bidirectional: true }),
    stream({ finish_on_key: '#', tracks: ['inbound', 'near'] }),
    stream({ finish_on_key: '${sessionData.key}', bidirectional: true }),
    HANGUP,
  ];
  const options = { sessionData: { key: 'any' }, world: { streams: [{ closesMs: 1_000 }] } };
  const call = begin(actions, options).toEnd();
  expect(call.of('start_stream').map(({ tracks }) => tracks)).toEqual([['far'], ['near'], ['far']]);
  expect(call.messages('warning')).toEqual([
    'params.finish_on_key: "nope" is no key',
    'params.tracks: "inbound" is no track; there are far, near',
    'params.finish_on_key is of no use without bidirectional; STREAM with stop ends it',
    'params.finish_on_key: "nope" is no key',
    'params.tracks: "inbound" is no track; there are far, near',
    'params.finish_on_key: "any" is no key',
  ]);
});
