import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { PacketAddon } from './native-packet-io.ts';

const BUILD = new URL('../../native/build/', import.meta.url);

/** Loads the native packet I/O that scripts/build.mjs builds. Where it cannot be had, says why. */
export function loadPacketAddon(): { addon: PacketAddon } | { addon: null; reason: string } {
  const notBuilt = whyNotBuilt();
  if (notBuilt !== null) return { addon: null, reason: notBuilt };
  try {
    return { addon: createRequire(import.meta.url)(fileURLToPath(new URL('packet_io.node', BUILD))) as PacketAddon };
  } catch (error) {
    return { addon: null, reason: `it does not load: ${(error as Error).message}` };
  }
}

/** Null when it is built. */
function whyNotBuilt(): string | null {
  try {
    const status: unknown = JSON.parse(readFileSync(new URL('status.json', BUILD), 'utf8'));
    const { built, reason } = status as { built: boolean; reason: string };
    return built ? null : reason;
  } catch {
    return 'it was not built yet: run "node scripts/build.mjs" in packages/media';
  }
}
