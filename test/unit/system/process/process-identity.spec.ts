import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { identityOf, isRunning } from '../../../../src/system/process/process-identity.js';

const read = (): never => {
  throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
};

describe('isRunning()', () => {
  it('knows a process by its pid and by when it was started', () => {
    const self = identityOf(process.pid);
    expect(isRunning(self)).toBe(true);
    if (process.platform === 'linux') {
      expect(isRunning({ ...self, startedAt: '1' })).toBe(false);
    }
  });

  it('does not take a process that has ended for a running one', async () => {
    const child = spawn('sleep', ['60']);
    const identity = identityOf(child.pid!);
    expect(isRunning(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isRunning(identity)).toBe(false);
  });

  it('goes by the pid as long as nothing can be opened: a child host would stop with its parent', () => {
    expect(isRunning(identityOf(process.pid), read)).toBe(true);
    expect(isRunning({ pid: 2 ** 22 + 1, startedAt: '1' }, read)).toBe(false);
  });
});
