import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('./thread-priority.ts', import.meta.url).href;

describe.runIf(process.platform === 'linux')('thread priority', () => {
  it("puts V8's helper threads behind the process, and leaves the process where it is", async () => {
    const before = getPriority(process.pid);
    const worker = new Worker(
      `import(${JSON.stringify(MODULE)}).then((it) => { it.raiseThreadPriority();
        require('node:worker_threads').parentPort.postMessage(require('node:os').getPriority(0)); });`,
      { eval: true },
    );
    const own = await new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
    const helpers = readdirSync('/proc/self/task')
      .filter((thread) => readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim() === 'V8Worker')
      .map((thread) => getPriority(Number(thread)));
    expect(helpers.length).toBeGreaterThan(0);
    expect(helpers).toEqual(helpers.map(() => Math.min(19, before + 10)));
    expect(getPriority(process.pid)).toBe(before);
    expect(own).toBeLessThanOrEqual(before);
  });
});
