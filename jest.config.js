const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'] },
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

/** @type {import('jest').Config} */
export default {
  workerIdleMemoryLimit: '512MB',
  testSequencer: '<rootDir>/test/support/longest-first.mjs',
  testTimeout: 60_000,
  maxWorkers: 2,
  // Of the unit tests; end-to-end tests run the code in processes that Jest does not instrument.
  collectCoverageFrom: ['src/**/*.ts'],
  coverageReporters: ['text-summary', 'html', 'lcovonly'],
  coverageThreshold: { global: { lines: 83, statements: 82, functions: 78, branches: 77 } },
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.spec.ts'] },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/{e2e,package,contract}/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    },
  ],
};
