import { describe, expect, it } from 'vitest';
import { isTestRun } from '../../../../src/system/process/is-test-run.js';

const MAIN = '/srv/shop/dist/main.js';

describe('isTestRun', () => {
  it.each([
    { NODE_ENV: 'test' },
    { JEST_WORKER_ID: '1' },
    { VITEST_WORKER_ID: '1' },
    { NODE_TEST_CONTEXT: 'child-v8' },
  ])('knows a test runner by its variable (%j)', env => {
    expect(isTestRun(env, MAIN)).toBe(true);
  });

  it.each([
    '/srv/shop/node_modules/.bin/mocha',
    '/srv/shop/node_modules/.bin/_mocha',
    '/srv/shop/node_modules/mocha/bin/mocha.js',
    // With flags for Node.js, and with --parallel.
    '/srv/shop/node_modules/mocha/lib/cli/cli.js',
    '/srv/shop/node_modules/.pnpm/mocha@12.0.3/node_modules/mocha/lib/nodejs/worker.cjs',
    '/usr/local/bin/mocha',
    'C:\\shop\\node_modules\\mocha\\bin\\mocha.js',
  ])('knows Mocha by its main script (%s)', script => {
    expect(isTestRun({}, script)).toBe(true);
  });

  it.each([
    MAIN,
    '',
    '/srv/mocha/dist/main.js',
    '/srv/shop/dist/mocha.js',
    '/srv/shop/bin/mocha/main.js',
    '/srv/shop/node_modules/mocha-orders/bin/main.js',
  ])('takes another main script for the application (%j)', script => {
    expect(isTestRun({ NODE_ENV: 'production' }, script)).toBe(false);
  });
});
