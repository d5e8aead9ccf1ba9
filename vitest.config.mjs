import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { FAKED } from './test/support/faked-timers.mjs';
import { MixedOrder } from './test/support/mixed-order.mjs';

const ISOLATED = 'test/unit/**/*.isolated.spec.ts';

const UNIT = { globalSetup: ['test/support/temporary-files.mjs'] };

/** Tests of applications: real processes, Redis servers and browsers. */
const PROCESSES = {
  globalSetup: ['test/support/global-setup.mjs'],
  // They start when all others have ended.
  sequence: { groupOrder: 1 },
};

const PROJECTS = [
  project('unit', { ...UNIT, include: ['test/unit/**/*.spec.ts'], exclude: [ISOLATED] }),
  // Spec files that mock modules.
  project('isolated', { ...UNIT, include: [ISOLATED], isolate: true }),
  project('third-party', { ...UNIT, include: ['test/third-party/**/*.spec.ts'], isolate: true }),
  project('e2e', { ...PROCESSES, include: ['test/{e2e,package,contract}/**/*.spec.ts'] }),
  onIoRedis('ioredis-5', ['test/ioredis-5/**/*.spec.ts']),
];

/** Everything that has to do with Redis runs on the ioredis that `TEST_IOREDIS` names. */
const { TEST_IOREDIS } = process.env;
const OF_REDIS = [
  'test/contract/**/*.spec.ts',
  'test/ioredis-5/**/*.spec.ts',
  'test/e2e/{redis-*,password,bus-*,state-*,health}.spec.ts',
];

export default defineConfig({
  // The fixtures that a spec file imports use the same modules as the spec file, and not `dist/`.
  resolve: { alias: [{ find: /^nestjs-cluster$/, replacement: absolute('src/index.ts') }] },
  test: {
    // Twice the cores of a small CI machine: many tests wait for timers or processes.
    maxWorkers: 4,
    // Spec files share the modules of their process: to load them anew takes longer than most tests.
    isolate: false,
    sequence: { sequencer: MixedOrder },
    // A second run does not transform unchanged modules again.
    experimental: { fsModuleCache: true },
    // Tests of processes take seconds; the log shows only those that take longer.
    slowTestThreshold: 10_000,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fakeTimers: { toFake: [...FAKED] },
    setupFiles: ['test/support/restore-process.mjs'],
    projects: TEST_IOREDIS ? [onIoRedis(TEST_IOREDIS, OF_REDIS)] : PROJECTS,
    coverage: {
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'html', 'lcovonly'],
      thresholds: { lines: 83, statements: 82, functions: 80, branches: 80 },
    },
  },
});

/**
 * @param {string} name
 * @param {import('vitest/config').ProjectConfig} test
 * @param {import('vite').UserConfig} [config]
 */
function project(name, test, config) {
  return { extends: true, ...config, test: { name, ...test } };
}

/**
 * Tests that run on a certain ioredis, and start applications on it.
 *
 * @param {string} ioredis a directory of `node_modules`
 * @param {string[]} include
 */
function onIoRedis(ioredis, include) {
  return project(
    ioredis,
    {
      ...PROCESSES,
      include,
      env: { TEST_IOREDIS: ioredis },
      setupFiles: ['test/support/ioredis/use-ioredis.mjs'],
    },
    {
      resolve: {
        alias: [{ find: /^ioredis(?=$|\/)/, replacement: absolute(`node_modules/${ioredis}`) }],
      },
    },
  );
}

/** @param {string} path */
function absolute(path) {
  return fileURLToPath(new URL(path, import.meta.url));
}
