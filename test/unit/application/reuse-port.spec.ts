import { describe, expect, it } from 'vitest';
import { withReusePort } from '../../../src/application/reuse-port.js';

const callback = (): void => {};

describe('withReusePort()', () => {
  it.each([
    [
      [3000, callback],
      [{ port: 3000, reusePort: true }, callback],
    ],
    [
      ['3000', callback],
      [{ port: 3000, reusePort: true }, callback],
    ],
    [
      [3000, '::1', callback],
      [{ port: 3000, host: '::1', reusePort: true }, callback],
    ],
    [
      [{ port: 3000, backlog: 9 }, callback],
      [{ port: 3000, backlog: 9, reusePort: true }, callback],
    ],
    [
      ['/run/app.sock', callback],
      ['/run/app.sock', callback],
    ],
    [
      [{ path: '/run/app.sock' }, callback],
      [{ path: '/run/app.sock' }, callback],
    ],
  ])('%j', (args, expected) => {
    expect(withReusePort(args)).toEqual(expected);
  });
});
