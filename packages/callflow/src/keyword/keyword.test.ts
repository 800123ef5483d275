import { expect, test } from 'vitest';
import { keywordOf } from './keyword.ts';

test.each([
  ['STOP', { word: 'STOP', type: 'Opt-Out' }],
  [' stop\r\n', { word: 'STOP', type: 'Opt-Out' }],
  ['Unsubscribe', { word: 'UNSUBSCRIBE', type: 'Opt-Out' }],
  ['end', { word: 'END', type: 'Opt-Out' }],
  ['start', { word: 'START', type: 'Opt-In' }],
  ['info', { word: 'INFO', type: 'Help' }],
  ['stop it', null],
  ['stop.', null],
  ['', null],
  ['constructor', null],
])('%j', (text, keyword) => expect(keywordOf(text)).toEqual(keyword));
