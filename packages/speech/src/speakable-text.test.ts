import { describe, expect, test } from 'vitest';
import { cleanText, isSpeakable } from './speakable-text.ts';

describe('clean text', () => {
  test.each([
    ['  Hello \t  world \r\n\r\n  again ', 'Hello world\nagain'],
    ['a\u0000b\u0007c\u001bd', 'a b c d'],
    ['Great 👍🏽 news 🇩🇪 👨‍👩‍👧!', 'Great news \u200d \u200d !'],
    ['press 1️⃣ or # or *', 'press 1 or # or *'],
    ['cafe\u0301 co\u00adop\u200eerate', 'café cooperate'],
    ['\ud800 lone \udfff', 'lone'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['© 2024 ™', '© 2024 ™'],
  ])('%j becomes %j', (text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  test('knows text with nothing to say', () => {
    for (const text of ['', ' ', '...', '?!', '—', '"()"', '\n']) expect(isSpeakable(cleanText(text))).toBe(false);
    for (const text of ['a', '7', '#', '*', 'ü', '你', '%']) expect(isSpeakable(cleanText(text))).toBe(true);
    expect(isSpeakable(cleanText('😀 🎉'))).toBe(false);
  });
});
