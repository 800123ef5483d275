import type { Binding } from '@voxology/sip';
import type { SipUser } from '@voxology/store';
import { expect, test } from 'vitest';
import type { Destination } from './destination.ts';
import { securityOf } from './security.ts';
import type { Trunk } from './trunk.ts';

const phones = (...protocols: string[]): Destination => ({
  no: '+1',
  kind: 'phones',
  user: {} as SipUser,
  bindings: protocols.map((protocol) => ({ source: { protocol, address: '10.0.0.2', port: 5060 } }) as Binding),
});
const peer = { protocol: 'udp', address: '10.0.0.3', port: 5060 } as const;
const trunk = (srtp: 'none' | 'sdes'): Destination => ({
  no: '+1',
  kind: 'trunk',
  trunk: { srtp } as Trunk,
  peer,
  uri: 'sip:+1@10.0.0.3',
});
const nobody: Destination = { no: '+1', kind: 'unreachable', status: 'no-answer', error: '' };

test.each([
  ['a telephone', [phones('udp')], 'none'],
  ['browsers', [phones('ws', 'ws'), phones('ws')], 'dtls'],
  ['a browser beside a telephone', [phones('ws', 'udp')], 'none'],
  ['a browser beside somebody else’s telephone', [phones('ws'), phones('tcp')], 'none'],
  ['a trunk with SRTP', [trunk('sdes')], 'sdes'],
  ['a trunk without', [trunk('none')], 'none'],
  ['a trunk beside a browser', [trunk('sdes'), phones('ws')], 'none'],
  ['a browser beside nobody', [nobody, phones('ws')], 'dtls'],
  ['nobody', [nobody], 'none'],
] as const)('%s', (_who, destinations, expected) => {
  expect(securityOf(...destinations)).toBe(expected);
});
