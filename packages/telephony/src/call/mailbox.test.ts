import { expect, test } from 'vitest';
import { Mailbox } from './mailbox.ts';

test('a letter is taken at once', () => {
  const taken: string[] = [];
  const mailbox = new Mailbox<string>((letter) => taken.push(letter));
  mailbox.post('a');
  expect(taken).toEqual(['a']);
});

test('a letter posted while another is taken waits until that is done, in order', () => {
  const said: string[] = [];
  const mailbox = new Mailbox<number>((letter) => {
    said.push(`begins ${letter}`);
    if (letter === 1) {
      mailbox.post(2);
      mailbox.post(3);
    }
    said.push(`ends ${letter}`);
  });
  mailbox.post(1);
  expect(said).toEqual(['begins 1', 'ends 1', 'begins 2', 'ends 2', 'begins 3', 'ends 3']);
});

test('a taking that throws loses no other letter', () => {
  const taken: number[] = [];
  const mailbox = new Mailbox<number>((letter) => {
    if (letter === 1) {
      mailbox.post(2);
      throw new Error('broken');
    }
    taken.push(letter);
  });
  expect(() => mailbox.post(1)).toThrow('broken');
  expect(taken).toEqual([]);
  mailbox.post(3);
  expect(taken).toEqual([2, 3]);
});
