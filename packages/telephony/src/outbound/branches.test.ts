import type { Binding } from '@voxology/sip';
import type { SipUser } from '@voxology/store';
import { expect, test } from 'vitest';
import { branchesOf } from './branches.ts';

const peer = { protocol: 'udp', address: '10.0.0.1', port: 5060 } as const;

test('every phone of a user is rung, each with what it can answer', () => {
  const bindings = (['udp', 'ws'] as const).map(
    (protocol) => ({ uri: 'sip:a@b', path: [] as string[], source: { ...peer, protocol } }) as unknown as Binding,
  );
  const user = { username: 'a', domain: 'b' } as SipUser;
  const branches = branchesOf({ kind: 'phones', no: '+1', user, bindings }, () => peer);
  expect(branches.map((branch) => [branch.peer.protocol, branch.security])).toEqual([
    ['udp', 'none'],
    ['ws', 'dtls'],
  ]);
});
