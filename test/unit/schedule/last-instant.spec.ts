import { expect, it } from 'vitest';
import { assert, integer, nat, property } from 'fast-check';
import { lastInstant } from '../../../src/schedule/last-instant.js';

const SECOND = 1_000;

/** A schedule of a fixed period, as cron has it: instants are whole seconds, and times are cut to seconds. */
const every =
  (seconds: number, offset = 0) =>
  (time: number): number => {
    const period = seconds * SECOND;
    const from = Math.floor(time / SECOND) * SECOND;
    return Math.floor((from - offset * SECOND) / period + 1) * period + offset * SECOND;
  };

it('is the instant itself, from its first millisecond until the next one', () => {
  const next = every(60);
  expect([0, 1, 59_999, 60_000].map(time => lastInstant(next, time + 600_000))).toEqual([
    600_000, 600_000, 600_000, 660_000,
  ]);
});

it('is the last one of any schedule, at any time', () => {
  assert(
    property(
      integer({ min: 1, max: 40 * 86_400 }),
      nat(86_400),
      integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
      (seconds, offset, now) => {
        const period = seconds * SECOND;
        const shifted = now - offset * SECOND;
        expect(lastInstant(every(seconds, offset), now)).toBe(
          Math.floor(shifted / period) * period + offset * SECOND,
        );
      },
    ),
  );
});

it('asks few questions, however long ago the last one was', () => {
  let questions = 0;
  const day = every(86_400);
  const next = (time: number): number => {
    questions++;
    return day(time);
  };
  expect(lastInstant(next, 1_700_006_399_000)).toBe(1_699_920_000_000);
  expect(questions).toBeLessThan(30);
});

it('does not exist for a schedule that begins later', () => {
  expect(lastInstant(() => Number.MAX_SAFE_INTEGER, 1_700_000_000_000)).toBeUndefined();
});
