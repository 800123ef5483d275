import { expect, test } from 'vitest';
import { toEnglishWords } from './english-words.ts';

test.each([
  ['Press # or *', 'Press pound or star'],
  ['don’t — “stop”', "don't , stop"],
  ['Café Zürich, Łódź, smørrebrød', 'Cafe Zurich, lodz, smorrebrod'],
  ['€5 or £7.50 & 20°', '5 euros or 7.50 pounds and 20 degrees'],
  ['+ 1 9 4 9', '1 9 4 9'],
  ['3 + 4 = 7', '3 plus 4 equals 7'],
  ['me@home', 'me at home'],
  ['你好', ''],
  ['<b>bold</b> a_b \\u', 'b bold b a b u'],
])('%j is said as %j', (text, words) => {
  expect(toEnglishWords(text)).toBe(words);
});
