import { keepCallLogs } from './call-logs.ts';
import type { TestContext } from './context.ts';
import { freePort } from './ports.ts';
import { Server, type ServerOptions } from './server.ts';

/** Said when no callback answer can be had (configured, so that the tests know it). */
export const APOLOGY = 'We are sorry, something went wrong. Good bye.';

/** A carrier of the shared server: calls in come from this address, calls out go to this port of 127.0.0.1. */
export const TRUNK_IP = '127.0.0.2';
export const TRUNK_PORT = await freePort();

/** As a user would set it, only less patient with callbacks. */
const SHARED_CONFIG = {
  callbacks: { timeout_ms: 4_000, apology: APOLOGY },
  // Files that change are to be heard at once.
  limits: { audio_recheck_ms: 0 },
  // Parties of one conversation meet on different workers.
  media: { workers: 2 },
  trunks: [{ name: 'carrier', target: `sip:127.0.0.1:${TRUNK_PORT}`, allow_from: [`${TRUNK_IP}/32`] }],
};

let shared: Promise<Server> | undefined;
let started: Server | undefined;

/** The one server that most tests use; started by the first that asks. */
export function sharedServer(): Promise<Server> {
  if (shared !== undefined) {
    return shared.catch(() => {
      throw new Error('the shared server did not start: see the first test that failed');
    });
  }
  shared = Server.start({ config: SHARED_CONFIG }).then((server) => {
    started = server;
    return server;
  });
  return shared;
}

/** A server for this test alone, gone at its end. */
export async function ownServer(t: TestContext, options: ServerOptions = {}): Promise<Server> {
  const server = await Server.start(options);
  t.defer(() => server.destroy());
  t.defer(() => keepCallLogs(server));
  t.onFailure(() => server.report());
  return server;
}

/** Ends the shared server when there is one. */
export async function closeSharedServer(): Promise<void> {
  await started?.destroy();
  started = undefined;
}

/** The shared server's last lines, for the report of a failed test. */
export function sharedServerReport(): string {
  return started?.report() ?? '';
}
