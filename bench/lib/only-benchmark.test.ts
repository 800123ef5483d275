import { expect, test } from 'vitest';
import { beOnlyBenchmark } from './only-benchmark.ts';

test('one benchmark at a time, and the second is told of the first', async () => {
  const address = `\0voxology-bench-test-${process.pid}`;
  const first = await beOnlyBenchmark('play, process 7', address);
  await expect(beOnlyBenchmark('conf, process 8', address)).rejects.toThrow(
    'a benchmark runs on this machine already: play, process 7. Two at once spoil each other: wait for its end',
  );
  first.close();
  (await beOnlyBenchmark('conf, process 8', address)).close();
});
