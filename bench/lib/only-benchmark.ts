import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** In the kernel's memory alone (unix(7), abstract): gone with the process, however that ends, and with no file left. */
const ADDRESS = '\0voxology-bench';
const ANSWER_MS = 1_000;

/**
 * Makes this process the only benchmark of the machine until it ends, since two at once spoil each other's figures.
 *
 * @param what who asks: told to the next one
 * @throws Error that says which one runs
 */
export async function beOnlyBenchmark(what: string, address = ADDRESS): Promise<{ close(): void }> {
  const server = createServer((asker) => {
    asker.on('error', () => {
      // It asked, and did not wait for the answer.
    });
    asker.end(what);
  });
  server.listen(address);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new Error(
      `a benchmark runs on this machine already: ${await whoIsThere(address)}. Two at once spoil each other: wait for its end`,
    );
  }
  server.unref();
  return server;
}

async function whoIsThere(address: string): Promise<string> {
  const asked = connect(address);
  asked.setEncoding('utf8').setTimeout(ANSWER_MS, () => asked.destroy());
  let told = '';
  try {
    for await (const part of asked) told += part;
  } catch {
    // It has just ended, or is too busy to say.
  }
  return told === '' ? 'it does not say which' : told;
}
