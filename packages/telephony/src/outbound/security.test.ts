import type { Binding } from '@voxology/sip';
import type { SipUser } from '@voxology/store';
import { expect, test } from 'vitest';
import type { Destination } from './destination.ts';
import { securitiesOf } from './security.ts';
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
  ['a telephone', phones('udp'), ['none']],
  ['browsers', phones('ws', 'ws'), ['dtls']],
  ['a browser beside telephones', phones('ws', 'udp', 'tcp'), ['dtls', 'none']],
  ['a trunk with SRTP', trunk('sdes'), ['sdes']],
  ['a trunk without', trunk('none'), ['none']],
  ['nobody', nobody, []],
] as const)('%s', (_who, destination, expected) => {
  expect(securitiesOf(destination)).toEqual(expected);
});
