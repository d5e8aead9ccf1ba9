import { expect, it } from 'vitest';
import { LogLimiter, type LogLimiterOptions } from '../../../src/system/log-limiter.js';

const MINUTE = 60_000;

function limited(options: LogLimiterOptions = {}) {
  let now = 0;
  const limiter = new LogLimiter({ ...options, now: () => now });
  return {
    admit: (subject: string) => limiter.admit(subject),
    pass: (milliseconds: number) => (now += milliseconds),
  };
}

it('admits one line a minute about each subject, and counts those that it suppressed', () => {
  const { admit, pass } = limited();
  expect(['a', 'a', 'b', 'a'].map(admit)).toEqual([0, undefined, 0, undefined]);
  pass(MINUTE - 1);
  expect(admit('a')).toBeUndefined();
  pass(1);
  expect(admit('a')).toBe(3);
  pass(MINUTE);
  expect(admit('a')).toBe(0);
});

it('admits a maximum number of lines a minute about all subjects', () => {
  const { admit, pass } = limited({ maxLines: 2 });
  expect(['a', 'b', 'c', 'c'].map(admit)).toEqual([0, 0, undefined, undefined]);
  pass(MINUTE);
  expect(['c', 'a'].map(admit)).toEqual([0, 0]);
});

it('remembers a maximum number of subjects', () => {
  const { admit } = limited({ maxSubjects: 2 });
  expect(['a', 'b', 'c', 'c', 'a'].map(admit)).toEqual([0, 0, 0, undefined, 0]);
});
