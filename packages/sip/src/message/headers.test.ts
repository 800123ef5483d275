import { describe, expect, it } from 'vitest';
import { SipHeaders } from './headers.ts';
import { splitList } from './split-list.ts';

describe('SipHeaders', () => {
  it('finds headers by any spelling and by compact form, and writes their usual spelling', () => {
    const headers = SipHeaders.from([
      ['v', 'SIP/2.0/UDP a;branch=1'],
      ['CALL-ID', 'x'],
      ['X-Custom', '1'],
      ['cSeQ', '1 INVITE'],
    ]);
    expect(headers.get('Via')).toBe('SIP/2.0/UDP a;branch=1');
    expect(headers.get('i')).toBe('x');
    expect(headers.get('x-custom')).toBe('1');
    expect(headers.get('To')).toBeUndefined();
    expect([...headers].map(([name]) => name)).toEqual(['Via', 'Call-ID', 'X-Custom', 'CSeq']);
  });

  it('splits list headers at commas outside quotes and brackets, others not', () => {
    const headers = SipHeaders.from([
      ['Contact', '"a, \\"b" <sip:c,d@e>;q=1 , <sip:f>'],
      ['Subject', 'one, two'],
      ['m', 'sip:g'],
    ]);
    expect(headers.all('Contact')).toEqual(['"a, \\"b" <sip:c,d@e>;q=1', '<sip:f>', 'sip:g']);
    expect(headers.get('Contact')).toBe('"a, \\"b" <sip:c,d@e>;q=1');
    expect(headers.all('Subject')).toEqual(['one, two']);
    expect(splitList(' , a,, b ,')).toEqual(['a', 'b']);
    expect(splitList('"open, a')).toEqual(['"open, a']);
  });

  it('prepends before the first of its name, replaces and removes', () => {
    const headers = SipHeaders.from([
      ['Max-Forwards', '70'],
      ['Via', 'b, c'],
      ['To', 't'],
      ['Via', 'd'],
    ]);
    headers.prepend('v', 'a');
    expect(headers.all('Via')).toEqual(['a', 'b', 'c', 'd']);
    expect([...headers].map(([name]) => name)).toEqual(['Max-Forwards', 'Via', 'Via', 'To', 'Via']);
    expect(headers.removeFirst('Via')).toBe('a');
    headers.replaceFirst('Via', 'B');
    expect(headers.all('Via')).toEqual(['B', 'c', 'd']);
    expect(headers.removeFirst('Via')).toBe('B');
    expect(headers.all('Via')).toEqual(['c', 'd']);
    headers.set('Via', 'z').set('Subject', 's');
    expect([...headers]).toEqual([
      ['Max-Forwards', '70'],
      ['Via', 'z'],
      ['To', 't'],
      ['Subject', 's'],
    ]);
    expect(headers.remove('via').has('Via')).toBe(false);
    expect(headers.removeFirst('Via')).toBeUndefined();
    expect([headers.size, headers.count('s')]).toEqual([3, 1]);
  });

  it('clones without sharing', () => {
    const headers = SipHeaders.from([['To', 'a']]);
    const copy = headers.clone().set('To', 'b');
    expect([headers.get('To'), copy.get('To')]).toEqual(['a', 'b']);
  });
});
