import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Peer } from '@voxology/sip';
import { parseHostPort } from '../config/address.ts';
import type { Quickstart } from '../start/quickstart.ts';

/** The SIP account a phone uses. */
export interface PhoneAccount {
  user: string;
  password: string;
  domain: string;
  server: Peer;
}

/** The account the server made at its first start. Throws an Error that says what to do when there is none. */
export function readAccount(dataDir: string): PhoneAccount {
  const path = join(dataDir, 'quickstart.json');
  let content: Quickstart;
  try {
    content = JSON.parse(readFileSync(path, 'utf8')) as Quickstart;
  } catch (error) {
    throw new Error(
      `${path} cannot be read (${(error as Error).message}). Start the server first, or name its data directory with --data.`,
    );
  }
  const { host, port } = parseHostPort(content.sip_address);
  return {
    user: content.sip_user,
    password: content.sip_password,
    domain: content.sip_domain,
    server: { protocol: 'udp', address: host, port },
  };
}
