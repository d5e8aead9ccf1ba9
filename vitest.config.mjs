import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const ISOLATED = 'test/unit/**/*.isolated.spec.ts';

/** The unit tests. Jest runs the others (`jest.config.js`). */
export default defineConfig({
  resolve: {
    alias: {
      '@jest/globals': fileURLToPath(new URL('test/support/vitest-globals.mjs', import.meta.url)),
    },
  },
  test: {
    // Twice the cores of a small CI machine: many tests wait for timers or processes.
    maxWorkers: 4,
    // A second run does not transform unchanged modules again.
    experimental: { fsModuleCache: true },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: ['test/support/vitest-temporary-files.mjs'],
    setupFiles: ['test/support/vitest-setup.mjs'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.spec.ts'],
          exclude: [ISOLATED],
          // Spec files share the modules of their process: to load them anew takes longer than the tests.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'third-party', include: ['test/third-party/**/*.spec.ts'] } },
      // Spec files that mock modules.
      { extends: true, test: { name: 'isolated', include: [ISOLATED] } },
    ],
    coverage: {
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'html', 'lcovonly'],
      thresholds: { lines: 83, statements: 82, functions: 80, branches: 80 },
    },
  },
});
