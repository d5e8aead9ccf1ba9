import { afterEach, beforeEach, describe, expect, vi, test } from 'vitest';
import type { RequestFailure } from '../../../build/cli/verify/load/request-failure.js';
import { Excuses } from '../../chaos/excuses.js';

const lostFrom = (openedAt: number): RequestFailure => ({
  kind: 'lost',
  code: 'aborted',
  reused: true,
  openedAt,
});

describe('Excuses', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 100_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('explains what a client sees of a kill shortly after it, on connections begun before', () => {
    const excuses = new Excuses();
    const over = excuses.begin('hung');
    vi.setSystemTime(106_000);
    over();
    expect(excuses.explain(lostFrom(99_000), 106_005)).toBe(true);
    expect(excuses.explain(lostFrom(106_001), 106_005)).toBe(false);
    expect(excuses.explain(lostFrom(99_000), 107_001)).toBe(false);
  });

  test('explains no refused connection once the host runs again', () => {
    const excuses = new Excuses();
    const over = excuses.begin('killed');
    const refused: RequestFailure = { kind: 'refused', code: 'ECONNREFUSED', reused: false };
    expect(excuses.explain(refused, 100_000)).toBe(true);
    vi.setSystemTime(101_000);
    over();
    expect(excuses.explain(refused, 101_001)).toBe(false);
  });
});
