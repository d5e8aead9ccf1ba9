import { afterEach, describe, expect, it, vi } from 'vitest';
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

describe('the ticks of an hour that clocks repeat', () => {
  const MINUTE = 60_000;

  afterEach(() => vi.useRealTimers());

  /** Goes through the hour twice, and through the next one. */
  function everyTwentyMinutes(start: string, visit: (now: number) => void): void {
    vi.useFakeTimers({ toFake: ['Date'] });
    const begin = Date.parse(start);
    for (let now = begin; now < begin + 180 * MINUTE; now += 20 * MINUTE) {
      vi.setSystemTime(now);
      visit(now);
    }
  }

  it.each([
    ['30 2 * * *', 'Europe/Berlin', '2026-10-25T00:00Z', ['00:30']],
    ['0 2 * * *', 'Europe/Berlin', '2026-10-25T00:00Z', ['00:00']],
    ['45 1-2 * * *', 'Europe/Berlin', '2026-10-25T00:00Z', ['00:45']],
    ['*/20 2 * * *', 'Europe/Berlin', '2026-10-25T00:00Z', ['00:00', '00:20', '00:40']],
    ['30 * * * *', 'Europe/Berlin', '2026-10-25T00:00Z', ['00:30', '01:30', '02:30']],
    ['30 1 * * *', 'America/New_York', '2026-11-01T05:00Z', ['05:30']],
    ['59 23 * * *', 'Asia/Beirut', '2026-10-24T20:00Z', ['20:59']],
    ['0 0 * * *', 'America/Havana', '2026-11-01T04:00Z', ['04:00']],
    ['45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T14:30Z', ['14:45']],
  ])(
    'of %s in %s are the same for a worker that starts in it, and for an older one',
    (expression, zone, start, expected) => {
      const cron = time(expression, zone);
      const one = new CronInstants();
      const ticks = new Set<number>();
      everyTwentyMinutes(start, now => {
        const tick = one.tick(cron, now)!;
        expect(new CronInstants().tick(cron, now)).toEqual(tick);
        expect(new CronInstants().next(cron, now)).toBe(tick.next);
        ticks.add(tick.at);
      });
      const inThisHour = [...ticks].filter(at => at >= Date.parse(start));
      expect(inThisHour.map(at => new Date(at).toISOString().slice(11, 16))).toEqual(expected);
    },
  );

  it.each([
    ['*/30 * * * *', 'America/Santiago', '2026-04-05T02:00Z', 30],
    ['*/20 * * * *', 'Europe/Berlin', '2026-10-25T00:00Z', 20],
    ['*/10 * * * *', 'Australia/Lord_Howe', '2026-04-04T14:30Z', 10],
  ])('of %s in %s have no gap', (expression, zone, start, minutes) => {
    const cron = time(expression, zone);
    const period = minutes * MINUTE;
    everyTwentyMinutes(start, now => {
      const at = Math.floor(now / period) * period;
      expect(new CronInstants().tick(cron, now)).toEqual({ at, next: at + period });
    });
  });
});
