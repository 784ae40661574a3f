import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts'],
    // Packages are never rewritten: by default vitest does that below folders named es or esm, and then has two of each.
    server: { deps: { external: [/\/node_modules\/.*\.c?js$/] } },
    // A real EventStoreDB may answer a batched append twice, and the client throws at the second answer where nobody can
    // catch it. Only the suite of its answers goes there, never the adapter.
    onUnhandledError: ({ stack = '' }) =>
      !(process.env['EVENTSTORE_TEST_URL'] && stack.includes('/appendToStream/batchAppend.js')),
    // Forks, as tests start and signal processes; two, as the machines that run them have two cores.
    pool: 'forks',
    maxWorkers: 2,
    fileParallelism: true,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
  },
});
