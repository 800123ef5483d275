import type { Binding } from '@voxology/sip';
import type { SipUser } from '@voxology/store';
import { expect, test } from 'vitest';
import { branchesOf } from './branches.ts';

const peer = { protocol: 'udp', address: '10.0.0.1', port: 5060 } as const;

test.each([
  ['none', ['udp']],
  ['dtls', ['udp', 'ws']],
] as const)('a browser is rung with what it can answer only: %s', (security, rung) => {
  const bindings = (['udp', 'ws'] as const).map(
    (protocol) => ({ uri: 'sip:a@b', path: [] as string[], source: { ...peer, protocol } }) as unknown as Binding,
  );
  const user = { username: 'a', domain: 'b' } as SipUser;
  const branches = branchesOf({ kind: 'phones', no: '+1', user, bindings }, () => peer, security);
  expect(branches.map((branch) => branch.peer.protocol)).toEqual(rung);
});
