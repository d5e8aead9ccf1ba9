import { expect, it } from 'vitest';
import { CliError } from '../../../src/cli/cli.error.js';
import { reportError } from '../../../src/cli/report-error.js';
import { UsageError } from '../../../src/cli/usage.error.js';

const worker = {
  slot: 0,
  pid: 5,
  reason: 'boot-failed',
  output: '\u001B[31mError\u001B[0m: no database\n\u001B[2Jgone\n',
} as const;

const failed = new CliError(1, 'CLUSTER_RELOAD_FAILED', 'Worker 0 failed to boot', worker);

function report(error: unknown, json = false, isNoteTerminal = false, env = {}) {
  const io = { printed: '', noted: '' };
  const code = reportError(error, json, {
    isNoteTerminal,
    env,
    print: text => (io.printed += text),
    note: text => (io.noted += text),
  });
  return { code, ...io };
}

it('tells what a failed worker has written, without control of the terminal', () => {
  expect(report(failed)).toEqual({
    code: 1,
    printed: '',
    noted: [
      'The reload failed; workers that were not replaced continue to serve. Cause:',
      'Worker 0 failed to boot',
      'The last output of the worker (pid 5):',
      '  | Error: no database',
      '  | \\u001b[2Jgone',
      '',
    ].join('\n'),
  });
  expect(report(failed, false, true).noted).toContain('\u001B[31mError\u001B[0m: no database');
  expect(report(failed, false, true, { NO_COLOR: '1' }).noted).not.toContain('\u001B');
});

it('prints JSON if it should', () => {
  const { code, printed, noted } = report(failed, true);
  expect([code, noted]).toEqual([1, '']);
  expect(JSON.parse(printed)).toEqual({
    error: { code: 'CLUSTER_RELOAD_FAILED', message: 'Worker 0 failed to boot', worker },
  });
});

it('refers to the help if the arguments are wrong, and throws what is a bug', () => {
  expect(report(new UsageError('Unknown command "x".'))).toMatchObject({
    code: 2,
    noted: 'Unknown command "x".\nSee nestjs-cluster help.\n',
  });
  expect(report(new CliError(3, 'CLI_NO_HOST', 'No host'))).toMatchObject({ code: 3 });
  expect(() => report(new TypeError('bug'))).toThrow('bug');
});
