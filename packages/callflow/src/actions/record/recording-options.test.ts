import { expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { lintDocument } from '../../lint/lint.ts';
import { VirtualCall } from '../../testing/virtual-call.ts';

const begin = (...actions: JsonObject[]) =>
  new VirtualCall({
    answers: { document: { actions: [...actions, { type: 'HANGUP' }] } },
    settings: { answerOnRing: true },
  });
const transfer = (record: JsonObject | boolean | string, more: JsonObject = {}): JsonObject => ({
  type: 'TRANSFER',
  params: { no: '+12125550111', record, ...more },
});
const conference = (record: JsonObject | boolean | string): JsonObject => ({
  type: 'CONFERENCE',
  params: { name: 'team', record },
});
const PLAIN = { format: 'wav', maskDigits: false, transcribe: false, hints: [], language: null, webhook: null };
const WRITTEN_DOWN = { transcribe: true, hints: [' yes ', 'no'], language: 'en-GB' };
const SPOKEN = { transcribe: true, hints: ['yes', 'no'], language: 'en-GB' };

test.each<[string, JsonObject, JsonObject]>([
  ['a transfer', transfer(true), { ...PLAIN, name: 'transfer', channels: 2 }],
  ['a transfer, as a text', transfer('true'), { ...PLAIN, name: 'transfer', channels: 2 }],
  ['a transfer in detail', transfer({}), { ...PLAIN, name: 'transfer', channels: 2 }],
  ['a conference', conference(true), { ...PLAIN, name: 'conference', channels: 1 }],
  [
    'a transfer in our own words',
    transfer({ name: 'talk', format: 'mp3', channels: 1, mask_digits: true, ...WRITTEN_DOWN, comment: 'x' }),
    { ...SPOKEN, name: 'talk', format: 'mp3', channels: 1, maskDigits: true },
  ],
  ['a conference in our own words', conference({ channels: 2, ...WRITTEN_DOWN }), { ...SPOKEN, channels: 2 }],
  ['a message', { type: 'RECORD', params: WRITTEN_DOWN }, { ...SPOKEN, channels: 1 }],
  ['a call', { type: 'RECORD', params: { action: 'start', channels: 2, ...WRITTEN_DOWN } }, { ...SPOKEN, channels: 2 }],
  [
    'hints of no transcript',
    { type: 'RECORD', params: { hints: ['yes'], language: 'en' } },
    { transcribe: false, hints: [], language: null },
  ],
])('how %s is recorded', (_, action, how) => {
  const call = begin(action).toEnd();
  expect(call.of('start_recording')).toMatchObject([how]);
  expect(call.messages('warning')).toEqual([]);
});

test.each([transfer(false), transfer('false'), conference(false)])('%j: nothing is recorded', (action) => {
  expect(begin(action).toEnd().of('start_recording')).toEqual([]);
});

test('what is wrong is told with its place; the rest counts', () => {
  const call = begin(transfer({ format: 'ogg', chanels: 1, channels: '1', hints: { a: 1 } })).toEnd();
  expect(call.messages('warning')).toEqual([
    expect.stringContaining('params.record.format is "ogg"'),
    expect.stringContaining('params.record.channels is'),
    expect.stringContaining('params.record.hints is an object'),
    'params.record.chanels is not known; did you mean "channels"?',
  ]);
  expect(call.of('start_recording')).toMatchObject([{ format: 'wav', channels: 1 }]);
  expect(begin(transfer('often')).toEnd().messages('warning')).toEqual([
    'params.record is a string; true, false or an object is expected, false is used',
  ]);
});

test('the timeline tells that it begins, and how', () => {
  const begun = (action: JsonObject) =>
    begin(action)
      .toEnd()
      .messages('progress')
      .filter((message) => message.startsWith('recording'));
  expect(begun(transfer({ format: 'mp3', transcribe: true }))).toEqual([
    'recording transfer: the call, MP3, two channels, written down',
  ]);
  expect(begun({ type: 'RECORD' })).toEqual(['recording: a message, WAV, one channel']);
});

test('variables are filled in', () => {
  const call = begin({ $how: '"mp3"' }, transfer({ name: 'of ${callId}', format: '$how', hints: ['$how'] })).toEnd();
  expect(call.of('start_recording')).toMatchObject([{ format: 'mp3', name: expect.stringMatching(/^of \d+@/) }]);
});

test('the webhook of the object goes before the one beside it', () => {
  const beside = { recording_webhook: 'https://example.com/a' };
  const start = (record: JsonObject) => begin(transfer(record, beside)).toEnd().of('start_recording')[0]?.webhook;
  expect(start({})).toEqual({ url: 'https://example.com/a', failoverUrl: null });
  expect(start({ recording_webhook: { url: 'https://example.com/b' } })).toMatchObject({
    url: 'https://example.com/b',
  });
});

test('its longest time ends the recording, not the transfer', () => {
  const call = begin(transfer({ max_time: 2_000 })).toEnd();
  const order = call.effects.map(({ type }) => type).filter((type) => /transfer|recording/.test(type));
  expect(order).toEqual(['transfer', 'start_recording', 'stop_recording']);
  expect(call.of('finish')[0]?.body.recordings).toMatchObject([{ name: 'transfer' }]);
});

test('hints that are too many or too long are left out, of a recording and of a TRANSCRIBE', () => {
  const hints = [...Array(501).fill('a'), 'x'.repeat(101)];
  const call = begin(
    { type: 'TRANSCRIBE', params: { hints } },
    { type: 'RECORD', params: { action: 'start', transcribe: true, hints } },
  ).toEnd();
  expect(call.of('start_transcription')[0]?.hints.length).toBe(500);
  expect(call.of('start_recording')[0]?.hints.length).toBe(500);
  expect(call.messages('warning')).toEqual(Array(2).fill('2 hints are too many or too long; they are left out'));
});

test('lint tells each fault at its place', () => {
  const action = transfer({ format: 'ogg', channels: '1', chanels: 2, hints: 'yes' });
  const text = JSON.stringify({ actions: [action, { type: 'HANGUP' }] });
  const findings = lintDocument(text).filter(({ rule }) => rule === 'parameter-value');
  expect(findings.map(({ severity, path, hint }) => [severity, path, hint.slice(0, 30)])).toEqual([
    ['error', 'actions[0].params.record.format', 'Write one of: wav, mp3.'],
    ['warning', 'actions[0].params.record.channels', 'Write a whole number from 1 to'],
    ['error', 'actions[0].params.record.chanels', 'It takes: name, max_time, form'],
  ]);
  expect(text.slice((findings[0]?.column ?? 0) - 1)).toMatch(/^"ogg"/);
  for (const record of [true, {}, { format: 'mp3', transcribe: true, comment: 'for the files' }])
    expect(lintDocument(JSON.stringify({ actions: [transfer(record), { type: 'HANGUP' }] }))).toEqual([]);
});
