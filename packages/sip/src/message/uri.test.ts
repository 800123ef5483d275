import { describe, expect, it } from 'vitest';
import { sameUri } from './same-uri.ts';
import { escapeUser, formatSipUri, parseSipUri, unescapeUri } from './uri.ts';

describe('parseSipUri', () => {
  it('reads every part', () => {
    expect(parseSipUri('SIPS:alice:secret@Example.com:5061;transport=TCP;lr?subject=a%20b&x=')).toEqual({
      scheme: 'sips',
      user: 'alice',
      password: 'secret',
      host: 'Example.com',
      port: 5061,
      params: new Map([
        ['transport', 'TCP'],
        ['lr', null],
      ]),
      headers: new Map([
        ['subject', 'a%20b'],
        ['x', ''],
      ]),
      opaque: undefined,
    });
  });

  it('reads users with separators in them (RFC 4475 semiuri, intmeth, esc01)', () => {
    expect(parseSipUri('sip:user;par=u%40example.net@example.com')).toMatchObject({
      user: 'user;par=u%40example.net',
      host: 'example.com',
    });
    const strange =
      "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com";
    expect(parseSipUri(strange)).toMatchObject({
      user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
      password: "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
    });
    const escaped = parseSipUri('sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31');
    expect(unescapeUri(escaped?.user ?? '')).toBe('caller');
    expect(escaped?.params.has('lr')).toBe(true);
    expect(unescapeUri(escaped?.params.get('name') ?? '')).toBe('value%41');
    expect(unescapeUri('%ff')).toBe('%ff');
  });

  it('reads IPv6 hosts, tel numbers and other schemes', () => {
    expect(parseSipUri('sip:[2001:db8::1]:5070')).toMatchObject({ user: undefined, host: '[2001:db8::1]', port: 5070 });
    expect(parseSipUri('tel:+1-201-555-0123;phone-context=x')).toMatchObject({
      scheme: 'tel',
      user: '+1-201-555-0123',
    });
    expect(parseSipUri('isbn:2983792873')).toMatchObject({ scheme: 'isbn', opaque: '2983792873' });
  });

  it.each([
    '',
    'sip',
    'sip:',
    ':x',
    'sip:@h',
    'sip:a@',
    'sip:a@b@c',
    'sip:a b@c',
    'sip:a@h:port',
    'sip:a@h:65536',
    'sip:a@[::1',
    'sip:a@h;',
    'sip:a@h;=1',
    'sip:a@h?',
    'sip:a@h?=x',
    '<sip:a@h>',
    '1a:b',
    'tel:',
    'sip:a@h\u0000',
  ])('refuses %j', (text) => {
    expect(parseSipUri(text)).toBeNull();
  });

  it.each([
    'sip:alice:secret@example.com:5061;transport=tcp;lr?subject=a%20b&x=',
    'sips:[::1]',
    'tel:+1201;ext=5',
    'name:John_Smith',
    'sip:a%40b@h;%3b=1',
  ])('writes %s as it was', (text) => {
    const uri = parseSipUri(text);
    if (uri === null) throw new Error('refused');
    expect(formatSipUri(uri)).toBe(text.replace('%3b', '%3B'));
  });

  it('escapes what may not stand in a user part', () => {
    expect(escapeUser('a@b:c d/é+1;?')).toBe('a%40b%3Ac%20d/%C3%A9+1;?');
    expect(unescapeUri(escapeUser('a%41@'))).toBe('a%41@');
    expect(escapeUser('\uD800')).toBe('%EF%BF%BD');
  });
});

describe('sameUri', () => {
  const same = (a: string, b: string) => {
    const [left, right] = [parseSipUri(a), parseSipUri(b)];
    if (left === null || right === null) throw new Error('refused');
    expect(sameUri(left, right)).toBe(sameUri(right, left));
    return sameUri(left, right);
  };

  // The examples of RFC 3261 §19.1.4.
  it.each([
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['tel:+1-201-555-0123', 'tel:+1(201)5550123'],
  ])('holds for %s and %s', (a, b) => {
    expect(same(a, b)).toBe(true);
  });

  it.each([
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com;transport=udp', 'sip:bob@biloxi.com;transport=tcp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:bob@biloxi.com;user=phone', 'sip:bob@biloxi.com'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:a@h', 'sips:a@h'],
    ['sip:a@h;x', 'sip:a@h;x=1'],
    ['sip:a:p@h', 'sip:a@h'],
    ['isbn:1', 'isbn:2'],
    ['tel:1;phone-context=a', 'tel:1;phone-context=b'],
    ['sip:a@h?x=1', 'sip:a@h?y=1'],
  ])('does not hold for %s and %s', (a, b) => {
    expect(same(a, b)).toBe(false);
  });
});
