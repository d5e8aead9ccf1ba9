import { describe, expect, it } from 'vitest';
import { LastMinute } from '../../../../src/system/time/last-minute.js';

describe('LastMinute', () => {
  it('forgets what is older', () => {
    let now = 0;
    const lately = new LastMinute(() => now);
    lately.add(5);
    now = 30_000;
    lately.add(2);
    lately.add(1);
    expect(lately.sum).toBe(8);
    now = 59_999;
    expect(lately.sum).toBe(8);
    now = 60_000;
    expect(lately.sum).toBe(3);
    now = 90_000;
    expect(lately.sum).toBe(0);
  });
});
