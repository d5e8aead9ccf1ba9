import { describe, expect, it } from 'vitest';
import { CronTime } from 'cron';
import { CronInstants } from '../../../src/schedule/cron-instants.js';
import type { CronTimeLike } from '../../../src/schedule/schedule-hook.js';

const time = (source: string | Date, timeZone: string): CronTimeLike =>
  new CronTime(source, timeZone);

/** The time of the last tick, as text. */
function tickAt(expression: string, now: string, zone = 'UTC'): string | undefined {
  const tick = new CronInstants().tick(time(expression, zone), Date.parse(now));
  return tick && new Date(tick.at).toISOString();
}

describe('the last tick', () => {
  it.each([
    ['* * * * * *', '2026-11-29T10:00:00.000Z', '2026-11-29T10:00:00.000Z'],
    ['* * * * * *', '2026-11-29T10:00:00.870Z', '2026-11-29T10:00:00.000Z'],
    ['*/5 * * * *', '2026-11-29T10:04:59.800Z', '2026-11-29T10:00:00.000Z'],
    ['0 3 * * 1', '2026-11-29T10:00:00.000Z', '2026-11-23T03:00:00.000Z'],
    ['0 0 29 2 *', '2026-11-29T10:00:00.000Z', '2024-02-29T00:00:00.000Z'],
  ])('of %s at %s', (expression, now, expected) => {
    expect(tickAt(expression, now)).toBe(expected);
  });

  it('is the one whose timer fires a little early', () => {
    expect(tickAt('0 * * * * *', '2026-11-29T09:59:59.950Z')).toBe('2026-11-29T10:00:00.000Z');
  });

  it.each([
    ['before the summer', '2026-03-28T12:00:00Z', '2026-03-28T02:30:00.000Z'],
    ['after it has begun', '2026-03-30T12:00:00Z', '2026-03-30T01:30:00.000Z'],
    ['before the winter', '2026-10-24T12:00:00Z', '2026-10-24T01:30:00.000Z'],
    ['after it has begun', '2026-10-26T12:00:00Z', '2026-10-26T02:30:00.000Z'],
  ])('is in the time zone of the job: %s', (_, now, expected) => {
    expect(tickAt('30 3 * * *', now, 'Europe/Berlin')).toBe(expected);
  });

  it('is with an offset to UTC where the job has one', () => {
    const tick = new CronInstants().tick(
      new CronTime('0 3 * * *', null, -210),
      Date.parse('2026-11-29T10:00:00Z'),
    );
    expect(new Date(tick!.at).toISOString()).toBe('2026-11-29T06:30:00.000Z');
  });

  it('is the same for a worker that was blocked across ticks, and for one that was not', () => {
    const [blocked, other] = [new CronInstants(), new CronInstants()];
    const cron = time('*/10 * * * * *', 'UTC');
    const start = Date.parse('2026-11-29T10:00:00Z');
    blocked.tick(cron, start);
    for (let now = start; now <= start + 40_000; now += 10_000) {
      other.tick(cron, now);
    }
    const late = start + 43_000;
    expect(blocked.tick(cron, late)).toEqual({ at: start + 40_000, next: start + 50_000 });
    expect(other.tick(cron, late)).toEqual(blocked.tick(cron, late));
  });

  it('is that of the corrected time when the clock is set back', () => {
    const instants = new CronInstants();
    const cron = time('*/10 * * * * *', 'UTC');
    const now = Date.parse('2026-11-29T10:00:00Z');
    instants.tick(cron, now + 3_600_000);
    expect(instants.tick(cron, now + 3)).toEqual({ at: now, next: now + 10_000 });
    expect(instants.tick(cron, now + 10_003)).toMatchObject({ at: now + 10_000 });
  });

  it.each([
    ['*/30 * * * *', 'America/Santiago', '2026-04-05T02:00:00Z', 30],
    ['*/10 * * * *', 'Australia/Lord_Howe', '2026-04-04T14:00:00Z', 10],
  ])(
    'of %s in %s is never an earlier one when an hour is repeated',
    (expression, zone, start, minutes) => {
      const cron = time(expression, zone);
      const one = new CronInstants();
      const begin = Date.parse(start);
      let last = begin;
      for (let now = begin; now < begin + 7_200_000; now += 300_000) {
        const { at, next } = one.tick(cron, now)!;
        expect(new CronInstants().tick(cron, now)).toEqual({ at, next });
        expect([at >= last, at - last <= minutes * 60_000]).toEqual([true, true]);
        expect([at <= now, next > now]).toEqual([true, true]);
        last = at;
      }
    },
  );

  it('follows a new time of the job', () => {
    const instants = new CronInstants();
    const now = Date.parse('2026-11-29T10:00:30Z');
    instants.tick(time('0 * * * * *', 'UTC'), now);
    const tick = instants.tick(time('*/20 * * * * *', 'UTC'), now);
    expect(tick).toEqual({ at: now - 10_000, next: now + 10_000 });
  });

  it('is the date of a job that runs once', () => {
    const date = new Date('2026-11-29T10:00:00.500Z');
    const cron = time(date, 'UTC');
    expect(new CronInstants().tick(cron, date.getTime())).toMatchObject({ at: date.getTime() });
    expect(new CronInstants().next(cron, date.getTime() - 1)).toBe(date.getTime());
    expect(new CronInstants().next(cron, date.getTime())).toBeUndefined();
  });
});
