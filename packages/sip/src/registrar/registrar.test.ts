import { describe, expect, it } from 'vitest';
import { SipHeaders } from '../message/message.ts';
import { addressOfRecord } from './aor.ts';
import type { Binding } from './binding.ts';
import { Registrar, type RegistrarOptions } from './registrar.ts';

const aor = 'sip:alice@example.com';
const source = { protocol: 'udp', address: '192.0.2.7', port: 40_000 };
const home = '<sip:alice@10.0.0.2:5060>';
const office = '<sip:alice@10.9.0.2:5060>';

function setUp(options: RegistrarOptions = {}) {
  const clock = { nowMs: 1_000_000 };
  const changes: [string, string[]][] = [];
  const registrar = new Registrar({
    now: () => clock.nowMs,
    onChange: (changed, bindings) => changes.push([changed, bindings.map((binding) => binding.uri)]),
    ...options,
  });
  const send = (cseq: number, contacts: string[], more: [string, string][] = [], callId = 'call-1') => {
    const headers = SipHeaders.from([['Call-ID', callId], ['CSeq', `${cseq} REGISTER`], ...more]);
    for (const contact of contacts) headers.append('Contact', contact);
    return registrar.register({ headers }, aor, source);
  };
  const uris = () => registrar.lookup(aor).map((binding) => binding.uri);
  return { clock, changes, registrar, send, uris };
}

function contactsOf(answer: { headers: [string, string][] }): string[] {
  return answer.headers.filter(([name]) => name === 'Contact').map(([, value]) => value);
}

describe('Registrar', () => {
  it('binds a contact with where it came from and answers with the seconds left', () => {
    const { clock, registrar, send, changes } = setUp();
    const answer = send(
      1,
      [`"Alice" ${home};q=0.7;expires=120;+sip.instance="<urn:uuid:1>"`],
      [
        ['Path', '<sip:edge.example.com;lr>'],
        ['User-Agent', 'Phone/1'],
      ],
    );
    expect(answer.status).toBe(200);
    expect(answer.headers).toEqual([
      ['Contact', '<sip:alice@10.0.0.2:5060>;q=0.7;+sip.instance="<urn:uuid:1>";expires=120'],
      ['Path', '<sip:edge.example.com;lr>'],
      ['Date', 'Thu, 01 Jan 1970 00:16:40 GMT'],
    ]);
    const expected: Binding = {
      aor,
      uri: 'sip:alice@10.0.0.2:5060',
      params: ';q=0.7;+sip.instance="<urn:uuid:1>"',
      source,
      expiresAtMs: 1_120_000,
      registeredAtMs: 1_000_000,
      q: 0.7,
      callId: 'call-1',
      cseq: 1,
      path: ['<sip:edge.example.com;lr>'],
      userAgent: 'Phone/1',
    };
    expect(registrar.lookup(aor)).toEqual([expected]);
    expect(changes).toEqual([[aor, ['sip:alice@10.0.0.2:5060']]]);
    clock.nowMs += 30_500;
    expect(contactsOf(send(2, []))[0]).toMatch(/;expires=90$/);
    expect(changes).toHaveLength(1);
  });

  it('takes the expiry of the contact, else of Expires, else the default, and cuts it', () => {
    const { send } = setUp({ defaultExpiresSec: 300, maxExpiresSec: 600 });
    const seconds = (contact: string, expires?: string) =>
      contactsOf(send(1, [contact], expires === undefined ? [] : [['Expires', expires]], `${contact}${expires}`)).at(
        -1,
      );
    expect(seconds(`${home};expires=100`, '200')).toMatch(/expires=100$/);
    expect(seconds(home, '200')).toMatch(/expires=200$/);
    expect(seconds(home)).toMatch(/expires=300$/);
    expect(seconds(`${home};expires=junk`)).toMatch(/expires=300$/);
    expect(seconds(`${home};expires=280297596632815`)).toMatch(/expires=600$/);
    expect(seconds(home, '1'.repeat(100))).toMatch(/expires=600$/);
  });

  it('refuses too brief registrations with 423 and changes nothing', () => {
    const { send, uris } = setUp({ minExpiresSec: 60 });
    const answer = send(1, [home, `${office};expires=59`]);
    expect(answer).toEqual({ status: 423, headers: [['Min-Expires', '60']] });
    expect(uris()).toEqual([]);
    expect(send(2, [`${home};expires=60`]).status).toBe(200);
  });

  it('refreshes a contact that is the same URI in another spelling', () => {
    const { clock, send, uris } = setUp();
    send(1, ['<sip:alice@PHONE.example.com>;expires=100']);
    clock.nowMs += 50_000;
    expect(contactsOf(send(2, ['<sip:%61lice@phone.example.com;ob>;expires=100']))).toHaveLength(1);
    clock.nowMs += 99_000;
    expect(uris()).toEqual(['sip:%61lice@phone.example.com;ob']);
    clock.nowMs += 1_000;
    expect(uris()).toEqual([]);
  });

  it('removes one contact with expires=0 and all with *', () => {
    const { send, uris, changes } = setUp();
    send(1, [home, office]);
    expect(contactsOf(send(2, [`${home};expires=0`]))).toHaveLength(1);
    expect(uris()).toEqual(['sip:alice@10.9.0.2:5060']);
    expect(send(3, ['*'], [['Expires', '0']]).status).toBe(200);
    expect(uris()).toEqual([]);
    expect(changes.at(-1)).toEqual([aor, []]);
    expect(send(4, [`${home};expires=0`]).status).toBe(200);
  });

  it.each([
    ['* without Expires', ['*'], []],
    ['* with another expiry', ['*'], [['Expires', '10']]],
    ['* beside another contact', ['*', home], [['Expires', '0']]],
    ['URI headers without brackets', ['sip:a@example.com?Route=%3Csip:x%3E'], []],
    ['a scheme that is not SIP', ['<name:John_Smith>'], []],
    ['garbage', ['<<>>'], []],
  ] as [string, string[], [string, string][]][])('refuses %s', (_, contacts, more) => {
    const { send, uris } = setUp();
    expect(send(1, contacts, more).status).toBe(400);
    expect(uris()).toEqual([]);
  });

  it('keeps escaped headers of a bracketed contact (RFC 4475 regescrt)', () => {
    const { send, uris } = setUp();
    send(1, ['<sip:user@example.com?Route=%3Csip:sip.example.com%3E>']);
    expect(uris()).toEqual(['sip:user@example.com?Route=%3Csip:sip.example.com%3E']);
  });

  it('refuses old requests of the same Call-ID as a whole, but not those of another', () => {
    const { send, uris } = setUp();
    send(5, [home]);
    expect(send(5, [office, home]).status).toBe(500);
    expect(send(4, ['*'], [['Expires', '0']]).status).toBe(500);
    expect(uris()).toEqual(['sip:alice@10.0.0.2:5060']);
    expect(send(1, [home], [], 'after a reboot').status).toBe(200);
    expect(send(1, ['*'], [['Expires', '0']], 'another').status).toBe(200);
    expect(uris()).toEqual([]);
  });

  it('looks up by preference, then the latest first', () => {
    const { send, uris } = setUp();
    send(1, ['<sip:1@a>;q=0.2', '<sip:2@a>', '<sip:3@a>;q=0.2', '<sip:4@a>;q=9']);
    expect(uris()).toEqual(['sip:4@a', 'sip:2@a', 'sip:3@a', 'sip:1@a']);
  });

  it('drops the contact refreshed longest ago when there are too many', () => {
    const { send, uris } = setUp({ maxBindingsPerAor: 2 });
    send(1, ['<sip:1@a>']);
    send(2, ['<sip:2@a>']);
    send(3, ['<sip:1@a>']);
    send(4, ['<sip:3@a>']);
    expect(uris()).toEqual(['sip:3@a', 'sip:1@a']);
    expect(send(5, ['<sip:4@a>', '<sip:5@a>', '<sip:6@a>']).status).toBe(403);
    expect(uris()).toEqual(['sip:3@a', 'sip:1@a']);
  });

  it('survives a restart by its snapshot, without what expired meanwhile', () => {
    const { clock, registrar, send } = setUp();
    send(1, [`${home};expires=100`, `${office};expires=200`]);
    const stored = JSON.parse(JSON.stringify(registrar.snapshot()));
    clock.nowMs += 100_000;
    const restored = new Registrar({ now: () => clock.nowMs });
    restored.restore([...stored, { ...stored[1], uri: 'broken' }]);
    expect(restored.lookup(aor)).toEqual([stored[1]]);
    const again = SipHeaders.from([
      ['Call-ID', 'call-1'],
      ['CSeq', '1 REGISTER'],
      ['Contact', office],
    ]);
    expect(restored.register({ headers: again }, aor, source).status).toBe(500);
  });

  it('frees and reports expired bindings when asked, and removes an address', () => {
    const { clock, registrar, send, changes } = setUp();
    send(1, [`${home};expires=100`, `${office};expires=200`]);
    registrar.removeExpired();
    expect(changes).toHaveLength(1);
    clock.nowMs += 100_000;
    registrar.removeExpired();
    expect(changes.at(-1)).toEqual([aor, ['sip:alice@10.9.0.2:5060']]);
    registrar.remove(aor);
    registrar.remove(aor);
    expect(changes.slice(2)).toEqual([[aor, []]]);
  });

  it('forgets a contact whose connection is gone, before it counts the others', () => {
    const open = new Set([source.port]);
    const { registrar, send, uris } = setUp({ maxBindingsPerAor: 2, isReachable: ({ port }) => open.has(port) });
    send(1, [home, office]);
    expect(uris()).toHaveLength(2);
    const bindings = registrar.snapshot();
    open.clear();
    expect([uris(), registrar.snapshot()]).toEqual([[], []]);
    registrar.restore(bindings);
    expect(uris()).toEqual([]);
    // Nor those of WebSockets, whatever has their address and port by now.
    open.add(source.port);
    registrar.restore(bindings.map((binding) => ({ ...binding, source: { ...source, protocol: 'ws' } })));
    expect(uris()).toEqual([]);
    send(2, [home]);
    expect(uris()[0]).toBe('sip:alice@10.0.0.2:5060');
  });
});

describe('addressOfRecord', () => {
  it('has one form for every spelling', () => {
    const spellings = [
      '"A" <sip:%61lice@EXAMPLE.com:5060;x=1>;tag=1',
      'sips:alice@example.com',
      'sip:alice@example.com;tag=2',
    ];
    for (const spelling of spellings) expect(addressOfRecord(spelling)).toBe(aor);
    expect(addressOfRecord('sip:+1%20(2)@h')).toBe('sip:+1%20(2)@h');
    expect(addressOfRecord('isbn:2983792873')).toBeNull();
    expect(addressOfRecord('junk')).toBeNull();
  });
});
