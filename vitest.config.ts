import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'examples/**/*.test.ts',
      'bench/**/*.test.ts',
      'e2e/lib/*.test.ts',
    ],
    // Native packages crash when loaded in several worker threads; processes are safe.
    pool: 'forks',
    maxWorkers: 2,
  },
});
