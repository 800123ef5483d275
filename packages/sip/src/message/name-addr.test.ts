import { describe, expect, it } from 'vitest';
import { formatNameAddr, parseNameAddr } from './name-addr.ts';

describe('parseNameAddr', () => {
  it.each([
    ['sip:a@b;tag=1', '', 'sip:a@b', [['tag', '1']]],
    ['<sip:a@b;lr>;tag=1', '', 'sip:a@b;lr', [['tag', '1']]],
    [
      '"J Rosenberg \\\\\\""       <sip:j@e.com>   ;   tag = 98asjd8',
      'J Rosenberg \\"',
      'sip:j@e.com',
      [['tag', '98asjd8']],
    ],
    ['caller<sip:caller@example.com>;tag=323', 'caller', 'sip:caller@example.com', [['tag', '323']]],
    ['Bell, Alexander <sip:a@b>;tag=43', 'Bell, Alexander', 'sip:a@b', [['tag', '43']]],
    ['"Watson, Thomas" < sip:t.watson@example.org >', 'Watson, Thomas', 'sip:t.watson@example.org', []],
    [
      '<sip:u@e.com?Route=%3Csip:x%3E>;Expires=5;+sip.instance="<urn:x>"',
      '',
      'sip:u@e.com?Route=%3Csip:x%3E',
      [
        ['expires', '5'],
        ['+sip.instance', '"<urn:x>"'],
      ],
    ],
    ['sip:a@b;x="<y>"', '', 'sip:a@b', [['x', '"<y>"']]],
    ['isbn:2983792873', '', 'isbn:2983792873', []],
    [
      'sip:a@b ;   tag    = 1918181833n;lr',
      '',
      'sip:a@b',
      [
        ['tag', '1918181833n'],
        ['lr', null],
      ],
    ],
    ['""<sip:a>', '', 'sip:a', []],
  ] as [string, string, string, [string, string | null][]][])('reads %s', (text, displayName, uri, params) => {
    expect(parseNameAddr(text)).toEqual({ displayName, uri, params: new Map(params) });
  });

  it.each([
    '',
    '<>',
    'junk',
    '"Mr. J. User <sip:j.user@example.com>',
    '"x" sip:a@b',
    '<sip:a',
    'sip:a@b?x=y',
    'sip:a,b@c',
    'sip:a b',
    '<sip:a>;',
    '<sip:a>;;',
    '<sip:a> x',
    '<sip:a>;tag="open',
    '<sip:a>;tag=',
    '<sip:"a>',
    'a"b <sip:c>',
    '*',
    '<sip:>',
    'sip:a@b;;;;',
  ])('refuses %j', (text) => {
    expect(parseNameAddr(text)).toBeNull();
  });

  it('writes brackets always and quotes where they are needed', () => {
    const params = new Map([['tag', '1']]);
    expect(formatNameAddr({ displayName: '', uri: 'sip:a', params })).toBe('<sip:a>;tag=1');
    expect(formatNameAddr({ displayName: 'Bob', uri: 'sip:a', params })).toBe('Bob <sip:a>;tag=1');
    const tricky = { displayName: 'A "B" \\ <c>', uri: 'sip:a', params: new Map([['lr', null]]) };
    expect(formatNameAddr(tricky)).toBe('"A \\"B\\" \\\\ <c>" <sip:a>;lr');
    expect(parseNameAddr(formatNameAddr(tricky))).toEqual(tricky);
  });
});
