import { expect, it } from 'vitest';
import { formatVia, parseVia } from './via.ts';

it.each([
  [
    'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport',
    'UDP',
    '192.0.2.1',
    5060,
    [
      ['branch', 'z9hG4bK1'],
      ['rport', null],
    ],
  ],
  ['SIP  /   2.0  /UDP     192.0.2.2;branch=390skdjuw', 'UDP', '192.0.2.2', undefined, [['branch', '390skdjuw']]],
  [
    'SIP  / 2.0  / tcp     spindle.example.com   ;   branch  =   z9hG4bK9ikj8',
    'TCP',
    'spindle.example.com',
    undefined,
    [['branch', 'z9hG4bK9ikj8']],
  ],
  ['SIP/2.0/WSS abc.invalid;received=::1', 'WSS', 'abc.invalid', undefined, [['received', '::1']]],
  [
    'SIP/2.0/TLS [2001:db8::9:1] : 5061;received=[::1];ttl=16',
    'TLS',
    '[2001:db8::9:1]',
    5061,
    [
      ['received', '[::1]'],
      ['ttl', '16'],
    ],
  ],
] as [string, string, string, number | undefined, [string, string | null][]][])(
  'reads and writes %s',
  (text, transport, host, port, params) => {
    const via = parseVia(text);
    expect(via).toEqual({ protocol: 'SIP/2.0', transport, host, port, params: new Map(params) });
    if (via !== null) expect(parseVia(formatVia(via))).toEqual(via);
  },
);

it.each([
  '',
  'SIP/2.0',
  'SIP/2.0/UDP',
  'SIP/2.0/UDP ',
  'SIP/2.0/UDP h:',
  'SIP/2.0/UDP h:x',
  'SIP/2.0/UDP h:70000',
  'SIP/2.0/UDP a b',
  'SIP/2.0/UDP 192.0.2.15;;',
  'SIP/2.0/UDP h;branch=',
  'SIP/2.0/UDP [::1;x',
  'S P/2.0/UDP h',
  'SIP/2.0/UDP h/x',
])('refuses %j', (text) => {
  expect(parseVia(text)).toBeNull();
});
