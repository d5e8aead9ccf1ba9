/** What the unit tests import from `@jest/globals`: Vitest under the names of Jest, in which the other tests run. */
import { vi } from 'vitest';

export { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';

/** What Jest fakes without options, except `process.nextTick`, which Node needs for sockets. */
const FAKED = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'queueMicrotask',
  'hrtime',
  'performance',
  'Date',
];

/** @type {object} */
export const jest = {
  ...vi,
  unstable_mockModule: (...args) => vi.doMock(...args),
  useFakeTimers: ({ doNotFake = [], ...config } = {}) =>
    vi.useFakeTimers({ ...config, toFake: FAKED.filter(name => !doNotFake.includes(name)) }),
};
