import { expect, it } from 'vitest';
import { judge } from '../../doctor/judge.js';

const CASES: readonly [string, readonly string[], readonly string[], boolean, string][] = [
  ['01-cats-app', [], [], true, '01-cats-app: no warning'],
  ['27-scheduling', ['schedule'], ['schedule'], true, '27-scheduling: schedule: right'],
  ['27-scheduling', [], [], false, '27-scheduling: schedule: MISSING'],
  ['01-cats-app', ['cache'], ['cache'], false, '01-cats-app: cache: FALSE WARNING'],
  ['20-cache', ['cache'], [], false, 'cache: only in the log'],
  ['20-cache', [], ['cache'], false, 'cache: only shown by the command'],
  ['31-graphql-federation-code-first/gateway', ['graphql'], ['graphql'], false, 'FALSE WARNING'],
];

it.each(CASES)(
  'judges %s with %j in the log, and %j shown: %s',
  (application, logged, shown, isGood, text) => {
    const verdict = judge({ application, logged, shown });
    expect(verdict.isGood).toBe(isGood);
    expect(verdict.line).toContain(text);
  },
);
