import { describe, expect, it } from 'vitest';
import {
  activityOf,
  closingOf,
  type ConnectionActivity,
} from '../../../../src/drain/http/quiet-limits.js';

const PATIENCE = { idle: 6_000, stalled: 2_500 };

describe('activityOf()', () => {
  it.each<
    [hasResponse: boolean, waitsForBody: boolean, unfinished: boolean, bytes: boolean, string]
  >([
    [true, false, false, true, 'answering'],
    [true, false, true, true, 'answering'],
    [true, true, true, true, 'receiving'],
    [true, true, false, false, 'receiving'],
    [false, false, true, true, 'receiving'],
    [false, false, false, true, 'idle'],
    [false, false, false, false, 'silent'],
    [false, false, true, false, 'silent'],
  ])(
    'of response %j, short of its body %j, unfinished %j, with bytes %j: %s',
    (hasResponse, waitsForBody, unfinished, hasBytes, activity) => {
      expect(activityOf({ hasResponse, waitsForBody, unfinished, hasBytes })).toBe(activity);
    },
  );
});

describe('closingOf()', () => {
  it.each<[ConnectionActivity, number, string | undefined]>([
    ['answering', 1_000_000, undefined],
    ['receiving', 2_499, undefined],
    ['receiving', 2_500, 'giveUp'],
    ['idle', 5_999, undefined],
    ['idle', 6_000, 'destroy'],
    ['silent', 999, undefined],
    ['silent', 1_000, 'destroy'],
  ])('a connection that is %s and quiet for %d ms: %s', (activity, quiet, closing) => {
    expect(closingOf(activity, quiet, PATIENCE)).toBe(closing);
  });
});
