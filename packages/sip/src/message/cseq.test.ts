import { expect, it } from 'vitest';
import { formatCSeq, parseCSeq } from './cseq.ts';

it('reads numbers below 2³¹, leading zeros and wide spaces included', () => {
  expect(parseCSeq('0009   INVITE')).toEqual({ number: 9, method: 'INVITE' });
  expect(parseCSeq('2147483647\tRE%47IST%45R')).toEqual({ number: 2147483647, method: 'RE%47IST%45R' });
  expect(formatCSeq({ number: 3, method: 'ACK' })).toBe('3 ACK');
});

it.each(['', '1', 'INVITE', '1INVITE', '1 IN VITE', '2147483648 A', '36893488147419103232 REGISTER', '-1 A', '1 <A>'])(
  'refuses %j',
  (text) => {
    expect(parseCSeq(text)).toBeNull();
  },
);
