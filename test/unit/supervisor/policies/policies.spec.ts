import { describe, expect, it } from 'vitest';
import { exitReason } from '../../../../src/supervisor/policies/exit-reason.js';
import {
  takesAnyInspectorPort,
  workerInspectorPort,
} from '../../../../src/supervisor/node-cluster/inspector-port.js';
import { errorLine, withoutNumbers } from '../../../../src/supervisor/output/output-summary.js';
import {
  countFailure,
  restartDelay,
  shouldGiveUp,
} from '../../../../src/supervisor/policies/restart-policy.js';
import { connectionsMigrate } from '../../../../src/supervisor/node-cluster/tcp-migration.js';

describe('restartDelay()', () => {
  const options = { initialDelay: 100, maxDelay: 30_000 };

  it.each([
    [1, 100],
    [2, 200],
    [5, 1_600],
    [9, 25_600],
    [10, 30_000],
    [5_000, 30_000],
  ])('after %d failures is anything up to %d ms', (failures, ceiling) => {
    expect(restartDelay(failures, options, () => 0)).toBe(0);
    expect(restartDelay(failures, options, () => 1)).toBe(ceiling);
  });
});

describe('countFailure()', () => {
  it('counts up, and starts anew after a minute of health', () => {
    expect(countFailure(3, 59_999)).toBe(4);
    expect(countFailure(3, 60_000)).toBe(1);
  });
});

describe('shouldGiveUp()', () => {
  it.each([
    [4, 0, false],
    [5, 0, true],
    [50, 1, false],
  ])('after %d failed boots with %d ready: %s', (boots, ready, expected) => {
    expect(shouldGiveUp(boots, ready, 5)).toBe(expected);
  });
});

describe('exitReason()', () => {
  it.each([
    ['booting', 0, null, 'boot-failed'],
    ['booting', 1, null, 'boot-failed'],
    ['ready', 0, null, 'crashed'],
    ['ready', null, 'SIGKILL', 'crashed'],
    ['draining', 0, null, 'left'],
    ['draining', null, 'SIGTERM', 'left'],
    ['draining', 1, null, 'crashed'],
    ['draining', null, 'SIGSEGV', 'crashed'],
  ] as const)('of a %s worker with code %s and signal %s: %s', (state, code, signal, reason) => {
    expect(exitReason(state, code, signal, true)).toBe(reason);
  });

  it('of one that closes itself without ever having been ready: boot-failed', () => {
    expect(exitReason('draining', 0, null, false)).toBe('boot-failed');
  });
});

describe('errorLine()', () => {
  it.each([
    ['', undefined],
    ['Killed\n', 'Killed'],
    ['\u001b[31mError: no database\u001b[39m\n    at x\n\nNode.js v20\n', 'Error: no database'],
    [
      "[Nest] 7  - 1/2/2026, 1:01:35 AM   ERROR [ExceptionHandler] UnknownDependenciesException [Error]: Nest can't\n    at x {\n}\n",
      "UnknownDependenciesException [Error]: Nest can't",
    ],
    ['Error: no database at pg://u:s3cret@host/db\n', 'Error: no database at pg://***@host/db'],
    ['{"level":"error","message":"Error: no database\\n    at x"}\n', 'Error: no database'],
    ['{"level":50,"msg":"TypeError: no user"}\n{"level":30}', 'TypeError: no user'],
    ['{ not: JSON', '{ not: JSON'],
    ['TypeError: one\n  at\nRangeError [ERR_X]: two\n at', 'RangeError [ERR_X]: two'],
  ])('of %j is %j', (output, line) => {
    expect(errorLine(output)).toBe(line);
  });
});

describe('withoutNumbers()', () => {
  it('makes the same failure of two workers look the same', () => {
    expect(withoutNumbers('[Nest] 12 - 10:00:01 \u001b[31mno\u001b[0m')).toBe(
      withoutNumbers('[Nest] 345 - 9:00:22 no'),
    );
  });
});

describe('workerInspectorPort()', () => {
  it('is one per slot, next to the primary, or any free one', () => {
    expect([0, 1, 2].map(slot => workerInspectorPort(slot, 9229))).toEqual([9230, 9231, 9232]);
    expect(workerInspectorPort(3, 0)).toBe(0);
  });

  it('knows when any port will do', () => {
    for (const arg of [
      '--inspect=0',
      '--inspect=127.0.0.1:0',
      '--inspect-brk=0',
      '--inspect-port=0',
    ]) {
      expect(takesAnyInspectorPort(['--enable-source-maps', arg])).toBe(true);
    }
    for (const arg of ['--inspect', '--inspect=9229', '--inspect=0.0.0.0:9230', '--title=0']) {
      expect(takesAnyInspectorPort([arg])).toBe(false);
    }
  });
});

describe('connectionsMigrate()', () => {
  it('reads the setting, and takes its absence for a no', () => {
    expect(connectionsMigrate(() => '1\n')).toBe(true);
    expect(connectionsMigrate(() => '0\n')).toBe(false);
    expect(
      connectionsMigrate(() => {
        throw new Error('ENOENT');
      }),
    ).toBe(false);
  });
});
