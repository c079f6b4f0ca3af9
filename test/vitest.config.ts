import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const report = process.env.TEST_REPORT;

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    include: ['test/**/*.test.ts'],
    // Tests that need Debian packages (xmlsec1, openssl, …) run where .ci/run has installed them.
    exclude: process.env.TEST_DEBIAN ? [] : ['test/**/*.debian.test.ts'],
    globalSetup: ['test/support/chromium-setup.ts', 'test/support/shared-keys-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Tests wait for browsers and other processes more than they compute: two fill two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
