import { describe, expect, it } from 'vitest';
import { watchParentHost } from '../../../src/supervisor/parent-host-watch.js';
import { FakeClock } from '../../support/fakes/fake-clock.js';

const primary = { pid: 4711, startedAt: '99' };

describe('watchParentHost()', () => {
  it('tells once, within a second, that the host above has ended', async () => {
    const clock = new FakeClock();
    let runs = true;
    let ended = 0;
    watchParentHost(
      primary,
      clock,
      () => ended++,
      () => runs,
    );
    await clock.advance(60_000);
    expect(ended).toBe(0);
    runs = false;
    await clock.advance(1_000);
    expect(ended).toBe(1);
    await clock.advance(60_000);
    expect(ended).toBe(1);
  });

  it('can be stopped', async () => {
    const clock = new FakeClock();
    let ended = 0;
    const stop = watchParentHost(
      primary,
      clock,
      () => ended++,
      () => false,
    );
    stop();
    await clock.advance(60_000);
    expect(ended).toBe(0);
  });
});
