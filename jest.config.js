const MAPPED = { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'] };

const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: MAPPED,
  modulePathIgnorePatterns: [
    '<rootDir>/build',
    '<rootDir>/dist',
    '<rootDir>/.test-build',
    '<rootDir>/sample-app/dist',
  ],
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

const withProcesses = {
  ...shared,
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
};

/** Tests that run on a certain ioredis: a directory of `node_modules`. */
function onIoRedis(name, testMatch) {
  return {
    ...withProcesses,
    displayName: name,
    testMatch,
    moduleNameMapper: { ...MAPPED, '^ioredis(/.*)?$': `<rootDir>/node_modules/${name}$1` },
    globals: { IOREDIS: name },
    setupFiles: ['<rootDir>/test/support/ioredis/use-ioredis.mjs'],
  };
}

/** Everything that has to do with Redis runs on the ioredis that `TEST_IOREDIS` names. */
const { TEST_IOREDIS } = process.env;

const PROJECTS = TEST_IOREDIS
  ? [
      onIoRedis(TEST_IOREDIS, [
        '<rootDir>/test/contract/**/*.spec.ts',
        '<rootDir>/test/ioredis-5/**/*.spec.ts',
        '<rootDir>/test/e2e/{redis-*,password,bus-*,state-*,health}.spec.ts',
      ]),
    ]
  : [
      {
        ...withProcesses,
        displayName: 'e2e',
        testMatch: ['<rootDir>/test/{e2e,package,contract}/**/*.spec.ts'],
      },
      onIoRedis('ioredis-5', ['<rootDir>/test/ioredis-5/**/*.spec.ts']),
    ];

/**
 * All tests except the unit tests, which run in Vitest (`vitest.config.mjs`).
 *
 * @type {import('jest').Config}
 */
export default {
  workerIdleMemoryLimit: '512MB',
  testSequencer: '<rootDir>/test/support/mixed-order.mjs',
  testTimeout: 60_000,
  maxWorkers: 4,
  projects: PROJECTS,
};
