import { describe, expect, test } from 'vitest';
import { lintDocument } from './lint.ts';

const HANGUP = { type: 'HANGUP' };
const collect = (params: object) => ({ type: 'COLLECT', params });
const say = (text: string) => ({ type: 'SAY', params: { text } });
const found = (...actions: unknown[]) =>
  lintDocument(JSON.stringify({ actions })).map(({ rule, path, message }) => `${rule} ${path}: ${message}`);

describe('collect-input', () => {
  const look = { type: 'IF', condition: '$keyPresses == $speech', then: [say('Same.')], orElse: [say('Other.')] };
  const unused = (params: object) => found(collect(params), look, HANGUP);

  test('every parameter that is about what is not taken', () => {
    expect(unused({ hints: ['a'], language: 'en-US', speech_end_silence: 900, barge_in: ['speech'] })).toEqual([
      'collect-input actions[0].params.hints: hints does nothing: this COLLECT takes no speech',
      'collect-input actions[0].params.language: language does nothing: this COLLECT takes no speech',
      'collect-input actions[0].params.speech_end_silence: speech_end_silence does nothing: this COLLECT takes no speech',
      'collect-input actions[0].params.barge_in: barge_in: speech cuts nothing short: this COLLECT takes no speech',
    ]);
    expect(unused({ input: 'speech', num_digits: 1, valid: '1', hints: null })).toEqual([
      'collect-input actions[0].params.num_digits: num_digits does nothing: this COLLECT takes no digits',
      'collect-input actions[0].params.valid: valid does nothing: this COLLECT takes no digits',
    ]);
  });

  test('nothing about both, yes and no, or what only the call will know', () => {
    expect(unused({ input: ['speech', 'digits'], num_digits: 1, hints: ['a'], barge_in: ['speech'] })).toEqual([]);
    expect(unused({ barge_in: true })).toEqual([]);
    expect(unused({ input: '$sessionData.input', hints: ['a'], num_digits: 1 })).toEqual([]);
  });
});

describe('unread-speech', () => {
  const speech = collect({ input: ['speech'] });

  test('only where nobody gets to know', () => {
    expect(found(speech, say('Bye.'), HANGUP)).toEqual([
      'unread-speech actions[0].params.input: speech is taken, but $speech is never read',
    ]);
    expect(found(speech, say('Bye.'), { type: 'REDIRECT', params: { url: 'https://example.org/next' } })).toEqual([]);
    expect(found(speech).some((line) => line.startsWith('unread-speech'))).toBe(false);
  });

  test('a document or a sub-flow that reads it elsewhere', () => {
    const look = { type: 'IF', condition: "$speech == ''", then: [say('Nothing.')], orElse: [say('Thanks.')] };
    const actions = [{ type: 'RUN', params: { flow: 'ask' } }, look, HANGUP];
    expect(lintDocument(JSON.stringify({ actions, flows: { ask: [speech] } }))).toEqual([]);
  });
});

test('empty-collect: what a caller leaves empty who says nothing', () => {
  const end = [say('You said ${speech}.'), HANGUP];
  expect(found(collect({ input: 'speech' }), ...end)).toEqual([
    'empty-collect actions[0]: when nothing is said, actions[1] uses what is empty all the same',
  ]);
  expect(found(collect({ input: ['digits', 'speech'] }), ...end)).toEqual([
    'empty-collect actions[0]: when nothing is pressed or said, actions[1] uses what is empty all the same',
  ]);
});

test('$speech and $speechConfidence are variables of the language', () => {
  expect(found(say('${speech} ${speechConfidence}'), HANGUP)).toEqual([]);
});
