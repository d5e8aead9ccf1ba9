import { expect, it } from 'vitest';
import { LogLimiter, type LogLimiterOptions } from '../../../src/system/log-limiter.js';

const MINUTE = 60_000;

function limited(options: LogLimiterOptions = {}) {
  let now = 0;
  const limiter = new LogLimiter({ ...options, now: () => now });
  return {
    /** Returns the number of suppressed lines; `undefined` if this one is suppressed, too. */
    log: (subject: string) => {
      let written: number | undefined;
      const isWritten = limiter.log(subject, suppressed => (written = suppressed));
      expect(isWritten).toBe(written !== undefined);
      return written;
    },
    pass: (milliseconds: number) => (now += milliseconds),
  };
}

it('writes one line a minute about each subject, and counts those that it suppressed', () => {
  const { log, pass } = limited();
  expect(['a', 'a', 'b', 'a'].map(log)).toEqual([0, undefined, 0, undefined]);
  pass(MINUTE - 1);
  expect(log('a')).toBeUndefined();
  pass(1);
  expect(log('a')).toBe(3);
  pass(MINUTE);
  expect(log('a')).toBe(0);
});

it('writes a maximum number of lines a minute about all subjects', () => {
  const { log, pass } = limited({ maxLines: 2 });
  expect(['a', 'b', 'c', 'c'].map(log)).toEqual([0, 0, undefined, undefined]);
  pass(MINUTE);
  expect(['c', 'a'].map(log)).toEqual([0, 0]);
});

it('remembers a maximum number of subjects', () => {
  const { log } = limited({ maxSubjects: 2 });
  expect(['a', 'b', 'c', 'c', 'a'].map(log)).toEqual([0, 0, 0, undefined, 0]);
});
