import { expect, test } from 'vitest';
import { VirtualCall } from '../../testing/virtual-call.ts';

const A = 'https://example.com/a.mp3';
const B = 'https://example.com/b.mp3';
const run = (params: object, options = {}) =>
  new VirtualCall({
    answers: { document: { actions: [{ type: 'PLAY', params: { ...params } }, { type: 'HANGUP' }] } },
    ...options,
  });

test('one address, or a list in turn, as often as loop says', () => {
  expect(run({ url: A }).toEnd().heard).toEqual([A]);
  expect(run({ url: [A, B], loop: 2 }).toEnd().heard).toEqual([A, B, A, B]);
});

test('a variable may hold the address', () => {
  expect(run({ url: '$sessionData.sound' }, { sessionData: { sound: A } }).toEnd().heard).toEqual([A]);
  expect(run({ url: '$sessionData.sounds' }, { sessionData: { sounds: [A, B] } }).toEnd().heard).toEqual([A, B]);
});

test('one that fails is an error and passed over; a pass of failures ends the loop', () => {
  const partly = run(
    { url: [A, B], loop: 2 },
    { playback: (source: { url?: string }) => (source.url === A ? 'status 404' : 500) },
  );
  expect(partly.toEnd().heard).toEqual([A, B, A, B]);
  expect(partly.messages('error')).toEqual([`could not play ${A}: status 404`, `could not play ${A}: status 404`]);

  const wholly = run({ url: [A, B], loop: 0 }, { playback: () => 'status 404' }).toEnd();
  expect(wholly.heard).toEqual([A, B]);
  expect(wholly.of('finish').length).toBe(1);
});

test('an empty file played without end is an endless loop, not a spin', () => {
  const call = run(
    { url: A, loop: 0 },
    { playback: () => 0, settings: { maxStepsWithoutWait: 50, apologyText: '' } },
  ).toEnd();
  expect(call.messages('error')[0]).toMatch(/^endless loop: more than 50 instructions/);
  expect(call.heard.length).toBeLessThan(60);
});

test('no address: nothing is played', () => {
  const call = run({}).toEnd();
  expect(call.heard).toEqual([]);
  expect(call.messages('warning')).toEqual(['params.url is missing', 'there is nothing to play']);
});

test('an offset is into the first file, once', () => {
  const call = run({ url: [A, B], loop: 2, offset: 1500 }).toEnd();
  expect(call.of('play').map(({ source }) => source)).toEqual([
    { kind: 'url', url: A, offsetMs: 1500 },
    { kind: 'url', url: B },
    { kind: 'url', url: A },
    { kind: 'url', url: B },
  ]);
  expect(
    run({ url: A, offset: 0 })
      .toEnd()
      .of('play')
      .map(({ source }) => source),
  ).toEqual([{ kind: 'url', url: A }]);
});

test('an offset out of a variable; one below 0 is none', () => {
  const call = run({ url: A, offset: '$sessionData.at' }, { sessionData: { at: '250' } }).toEnd();
  expect(call.of('play')[0]?.source).toEqual({ kind: 'url', url: A, offsetMs: 250 });
  expect(run({ url: A, offset: -1 }).toEnd().messages('warning')[0]).toMatch(/^params.offset is -1, outside 0 to/);
});

test('what is no http(s) address is told of before the call and in it, and the rest is played', () => {
  const url = ['ftp://example.com/a.wav', 'https://example.com/b.wav'];
  const document = {
    actions: [
      { type: 'PLAY', params: { url } },
      { type: 'PLAY', params: { url: 'b.wav', loop: 0 } },
      { type: 'HANGUP' },
    ],
  };
  const call = new VirtualCall({ answers: { document } }).toEnd();
  expect(call.of('play').map(({ source }) => source)).toEqual([{ kind: 'url', url: 'https://example.com/b.wav' }]);
  expect(call.messages('warning')).toEqual([
    'params.url: "ftp://example.com/a.wav" is no http(s) address',
    'params.url: "b.wav" is no http(s) address',
    'there is nothing to play',
  ]);
  expect(call.messages('error')).toEqual([
    '"ftp://example.com/a.wav" is no http(s) address; it is not played',
    '"b.wav" is no http(s) address; it is not played',
  ]);
});
