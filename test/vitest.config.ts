import { defineConfig } from 'vitest/config';

const report = process.env.TEST_REPORT;

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    include: ['test/**/*.test.ts'],
    // Tests that need Debian packages (xmlsec1, openssl, …) run where .ci/run has installed them.
    exclude: process.env.TEST_DEBIAN ? [] : ['test/**/*.debian.test.ts'],
    globalSetup: ['test/support/chromium-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
