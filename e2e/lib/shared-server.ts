import type { TestContext } from './context.ts';
import { Server, type ServerOptions } from './server.ts';

let shared: Promise<Server> | undefined;
let started: Server | undefined;

/** The one server that most tests use; started by the first that asks. */
export function sharedServer(): Promise<Server> {
  if (shared !== undefined) {
    return shared.catch(() => {
      throw new Error('the shared server did not start: see the first test that failed');
    });
  }
  shared = Server.start().then((server) => {
    started = server;
    return server;
  });
  return shared;
}

/** A server for this test alone, gone at its end. */
export async function ownServer(t: TestContext, options: ServerOptions = {}): Promise<Server> {
  const server = await Server.start(options);
  t.defer(() => server.destroy());
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
