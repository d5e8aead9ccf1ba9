import { describe, expect, it } from 'vitest';
import { Latencies } from '../../../../../src/cli/verify/load/latencies.js';

function measured(...milliseconds: number[]): Latencies {
  const latencies = new Latencies();
  milliseconds.forEach(each => latencies.add(each));
  return latencies;
}

/** The share by which a percentile may be wrong: it has three significant digits. */
const error = (actual: number | undefined, expected: number): number =>
  Math.abs((actual ?? NaN) - expected) / expected;

describe('the percentiles of latencies', () => {
  it('are missing when nothing was measured', () => {
    expect(measured().percentiles()).toEqual({ count: 0 });
  });

  it.each([0.25, 3, 50, 12_345])('are in milliseconds, exact to a thousandth: %d', milliseconds => {
    const { count, p50, p99 } = measured(milliseconds).percentiles();
    expect(count).toBe(1);
    expect(error(p50, milliseconds)).toBeLessThan(0.001);
    expect(error(p99, milliseconds)).toBeLessThan(0.001);
  });

  it('are those of all measurements, in any order', () => {
    const all = Array.from({ length: 1_000 }, (_, index) => ((index * 7) % 1_000) + 1);
    const { count, p50, p99 } = measured(...all).percentiles();
    expect(count).toBe(1_000);
    expect(error(p50, 500)).toBeLessThan(0.001);
    expect(error(p99, 990)).toBeLessThan(0.001);
  });

  it('count what is too short or too long to be measured', () => {
    const { count, p50, p99 } = measured(0, 10_000_000).percentiles();
    expect([count, p50]).toEqual([2, 0.001]);
    expect(error(p99, 3_600_000)).toBeLessThan(0.001);
  });
});
