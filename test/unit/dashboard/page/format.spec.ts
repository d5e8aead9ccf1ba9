import { describe, expect, it } from 'vitest';
import {
  bytes,
  counted,
  duration,
  number,
  percent,
  rate,
  time,
  visible,
} from '../../../../src/dashboard/assets/format.js';

const text = (value: string | null) => value?.replaceAll('\u00a0', ' ').replaceAll(',', '.');

describe('numbers of the dashboard', () => {
  it('have units', () => {
    expect([bytes(0), bytes(999), bytes(84_000_000), bytes(1_260_000_000)].map(text)).toEqual([
      '0 B',
      '999 B',
      '84 MB',
      '1.3 GB',
    ]);
    expect([rate(0), rate(3.14), rate(212.7)].map(text)).toEqual(['0/s', '3.1/s', '213/s']);
    expect([percent(0), percent(0.934), percent(1)].map(text)).toEqual(['0 %', '93 %', '100 %']);
    expect([counted(1, 'worker'), counted(2, 'worker')]).toEqual(['1 worker', '2 workers']);
  });

  it('of durations have at most two units', () => {
    const durations = [0.42, 640, 4_230, 59_999, 60_000, 61_000, 3_600_000, 5_400_000, 190_000_000];
    expect(durations.map(duration).map(text)).toEqual([
      '0.4 ms',
      '640 ms',
      '4.2 s',
      '60 s',
      '1 min',
      '1 min 1 s',
      '1 h',
      '1 h 30 min',
      '2 d 4 h',
    ]);
  });

  it.each([null, undefined, Number.NaN])('are unknown, and not 0, for %s', value => {
    const texts = [number, rate, percent, bytes, duration].map(format => format(value));
    expect(texts).toEqual([null, null, null, null, null]);
  });
});

describe('times of the dashboard', () => {
  it('have a date if it is not the day of the host', () => {
    const now = new Date(2026, 10, 29, 13, 4, 49).getTime();
    expect(time(now, now)).not.toMatch(/Nov|29/);
    expect(time(now - 86_400_000, now)).toMatch(/28/);
  });
});

describe('foreign text on the dashboard', () => {
  it('has no character that changes other text', () => {
    expect(visible('a\u202eb\u0007c\u200f\u0000\u2028')).toBe(
      String.raw`a\u{202e}b\u{7}c\u{200f}\u{0}\u{2028}`,
    );
    expect(visible('one\ntwo')).toBe(String.raw`one\u{a}two`);
  });

  it('keeps the lines of output, without the colours of terminals', () => {
    expect(visible('\u001b[31mred\u001b[0m\r\n\tnext', { lines: true })).toBe('red\n\tnext');
  });

  it('keeps emoji of several parts, and scripts with joiners', () => {
    expect(visible('👩\u200d🚀 می\u200cخواهم')).toBe('👩\u200d🚀 می\u200cخواهم');
  });
});
