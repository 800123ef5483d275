import { expect, test } from 'vitest';
import { type Reader, sayAs } from './say-as.ts';

const read = (text: string, kind: string, format = '', reader: Reader = 'american') =>
  sayAs(text, kind, format, reader);

test.each([
  ['characters', 'aB-1', 'A, B, dash, 1'],
  ['spell-out', 'x y', 'X, Y'],
  ['digits', '47 11', '4 7 1 1'],
  ['digits', '12#', '1 2 #'],
  ['telephone', '+1 (949) 555-0101', '1, 9 4 9, 5 5 5, 0 1 0 1'],
  ['telephone', '+19495550101', '1, 9 4 9, 5 5 5, 0 1 0 1'],
  ['telephone', '9495550101', '9 4 9, 5 5 5, 0 1 0 1'],
  ['telephone', '+49 30 1234567 ext. 12', '4 9, 3 0, 1 2 3 4 5 6 7, extension, 1 2'],
  ['telephone', '911', '9 1 1'],
  ['cardinal', '0', 'zero'],
  ['cardinal', '1,250', 'one thousand two hundred fifty'],
  ['cardinal', '-3.14', 'minus three point one four'],
  ['cardinal', '1000000019', 'one billion nineteen'],
  ['cardinal', '1234567890123456', 'one two three four five six seven eight nine zero one two three four five six'],
  ['number', '007', 'seven'],
  ['ordinal', '1', 'first'],
  ['ordinal', '12', 'twelfth'],
  ['ordinal', '20', 'twentieth'],
  ['ordinal', '103rd', 'one hundred third'],
  ['date', '3/4/2026', 'March fourth, twenty twenty six'],
  ['date', '2026-03-04', 'March fourth, twenty twenty six'],
  ['date', 'Feb 29, 2000', 'February twenty ninth, two thousand'],
  ['date', '12.31.99', 'December thirty first, nineteen ninety nine'],
  ['time', '14:30', 'two thirty p.m.'],
  ['time', '9:05', 'nine oh five'],
  ['time', '9:00', "nine o'clock"],
  ['time', '0:15', 'twelve fifteen a.m.'],
  ['time', '7:00am', 'seven a.m.'],
  ['time', '12:00:01 PM', 'twelve and one second p.m.'],
  ['currency', '$12.50', 'twelve dollars and fifty cents'],
  ['currency', '1 USD', 'one dollar'],
  ['currency', '€0.01', 'one cent'],
  ['currency', '-£1,000.5', 'minus one thousand pounds and fifty pence'],
  ['currency', '300 JPY', 'three hundred yen'],
])('%s: %s', (kind, text, expected) => {
  expect(read(text, kind)).toEqual({ text: expected });
});

test.each([
  ['date', '4/3/2026', 'dmy', 'March fourth, twenty twenty six'],
  ['date', '20260304', 'yyyymmdd', 'March fourth, twenty twenty six'],
  ['date', '3/4', 'md', 'March fourth'],
  ['date', '3/2026', 'my', 'March twenty twenty six'],
  ['date', '2005', 'y', 'two thousand five'],
  ['date', '1900', 'y', 'nineteen hundred'],
  ['date', '1906', 'y', 'nineteen oh six'],
  ['time', '14:30', 'hms24', 'fourteen thirty'],
  ['time', '09:00', 'hms24', 'nine hundred hours'],
])('%s: %s as %s', (kind, text, format, expected) => {
  expect(read(text, kind, format)).toEqual({ text: expected });
});

test('British dates have the day first', () => {
  expect(read('3/4/2026', 'date', '', 'british')).toEqual({ text: 'the third of April, twenty twenty six' });
});

test('in other languages only what is read sign by sign is changed', () => {
  expect(read('110', 'telephone', '', 'other')).toEqual({ text: '1 1 0' });
  expect(read('a-b', 'characters', '', 'other')).toEqual({ text: 'A, -, B' });
  for (const kind of ['cardinal', 'ordinal', 'date', 'time', 'currency']) {
    expect(read('3.4.2026', kind, '', 'other')).toEqual({ text: '3.4.2026' });
  }
});

test.each([
  ['digits', 'none'],
  ['telephone', 'call me'],
  ['cardinal', '1.2.3'],
  ['ordinal', 'x'],
  ['date', '13/1/2026'],
  ['date', '2/29/2026'],
  ['date', '2/30'],
  ['date', 'tomorrow'],
  ['time', '25:00'],
  ['time', '13:00 am'],
  ['currency', '12'],
  ['currency', '12 ABC'],
  ['currency', '$1.234'],
])('%s: %s is spoken as written', (kind, text) => {
  expect(read(text, kind)).toMatchObject({ text, problem: expect.stringContaining(`"${text}" is no ${kind} as in`) });
});

test('an unknown kind or format is told', () => {
  expect(read('x', 'address')).toEqual({
    text: 'x',
    problem: 'there is no interpret-as "address"; the text is spoken as it is',
  });
  expect(read('3/4/2026', 'date', 'abc')).toEqual({
    text: 'March fourth, twenty twenty six',
    problem: 'date has no format "abc"; the usual one is taken',
  });
});
