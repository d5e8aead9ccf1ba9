import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { LockTimeoutError } from '../../../src/model/errors/lock-timeout.error.js';
import { runInProcess } from '../../../src/once/run-in-process.js';
import { onceMarks } from '../../../src/state/once-marks.js';
import type { OnceTask } from '../../../src/state/once-options.js';
import { deferred } from '../../../src/system/async/deferred.js';

const MAX_BYTES = 1_000;

const name = randomUUID();

const run = async <T>(task: OnceTask<T>, key = 'a', timeout = 10_000) =>
  (await runInProcess({ name, key, ttl: undefined, timeout }, task, MAX_BYTES)).value;

afterEach(() => onceMarks().clear());

describe('a task that runs once in a process', () => {
  it('runs for one of several callers, who get its value', async () => {
    let runs = 0;
    const task = async () => {
      await Promise.resolve();
      return { runs: ++runs };
    };
    const values = await Promise.all([run(task), run(task), run(task)]);
    expect(values).toEqual([{ runs: 1 }, { runs: 1 }, { runs: 1 }]);
    expect(await run(task)).toEqual({ runs: 1 });
  });

  it('rejects for the caller whose task fails, and is run by the next one', async () => {
    const gate = deferred();
    const failing = run(async () => {
      await gate.promise;
      throw new Error('no table');
    });
    const next = run(() => 'second');
    gate.resolve();
    await expect(failing).rejects.toThrow('no table');
    expect(await next).toBe('second');
  });

  it('does not overlap with another run of its name, and is waited for until the timeout', async () => {
    const gate = deferred();
    let inside = 0;
    const task = async () => {
      expect(++inside).toBe(1);
      await gate.promise;
      inside--;
    };
    const first = run(task, 'a');
    await expect(run(task, 'b', 10)).rejects.toThrow(LockTimeoutError);
    const second = run(task, 'b');
    gate.resolve();
    await Promise.all([first, second]);
    expect([...onceMarks().keys()]).toEqual(['a', 'b']);
  });

  it('is told when its time is over, and counts as done if it ends nevertheless', async () => {
    const value = await run(
      ({ signal }) =>
        new Promise(resolve =>
          signal.addEventListener('abort', () => resolve((signal.reason as Error).name)),
        ),
      'a',
      10,
    );
    expect(value).toBe('TimeoutError');
    expect(await run(() => 'again')).toBe('TimeoutError');
  });

  it('may have more time than a timer of Node', async () => {
    const warnings: unknown[] = [];
    const onWarning = (warning: Error): unknown => warnings.push(warning.name);
    process.on('warning', onWarning);
    const value = await run(
      async ({ signal }) => {
        await new Promise(resolve => setTimeout(resolve, 5));
        return signal.aborted;
      },
      'a',
      30 * 24 * 3_600_000,
    );
    process.off('warning', onWarning);
    expect(value).toBe(false);
    expect(warnings).toEqual([]);
  });

  it('is done although its result is too long to be stored', async () => {
    expect(await run(() => 'x'.repeat(MAX_BYTES))).toHaveLength(MAX_BYTES);
    expect(await run(() => 'again')).toBeUndefined();
  });

  it('gets tokens that grow', async () => {
    const first = await run(({ token }) => token, 'a');
    await new Promise(resolve => setTimeout(resolve, 2));
    expect(await run(({ token }) => token, 'b')).toBeGreaterThan(first ?? Infinity);
  });
});
