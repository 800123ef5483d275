import { chmod, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './first-start.ts';

/** `DIR/quickstart.json`: what a script needs to make its first call (design §6). */
export interface Quickstart {
  http_url: string;
  api_key: string;
  sip_address: string;
  sip_domain: string;
  sip_user: string;
  sip_password: string;
  sip_user_no: string;
  number: string;
  flows_url: string;
  portal_url: string;
}

export function quickstart(
  account: Account,
  addresses: { httpUrl: string; sipAddress: string; flowsUrl: string },
): Quickstart {
  return {
    http_url: addresses.httpUrl,
    api_key: account.apiKey,
    sip_address: addresses.sipAddress,
    sip_domain: account.sipDomain,
    sip_user: account.sipUser,
    sip_password: account.sipPassword,
    sip_user_no: account.sipUserNo,
    number: account.number,
    flows_url: addresses.flowsUrl,
    portal_url: `${addresses.httpUrl}/`,
  };
}

/** Writes the file with mode 0600, whole or not at all. */
export async function writeQuickstart(dataDir: string, content: Quickstart): Promise<string> {
  const path = join(dataDir, 'quickstart.json');
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await chmod(temporary, 0o600);
  await rename(temporary, path);
  return path;
}
