import { describe, expect, it } from 'vitest';
import { canOpenTerminal, watchTerminal } from '../../../src/supervisor/terminal-watch.js';
import { FakeClock } from '../../support/fakes/fake-clock.js';

describe('watchTerminal()', () => {
  it('finds no hangup while the terminal is open', async () => {
    const clock = new FakeClock();
    const isHangup = watchTerminal(clock, () => true);
    await clock.advance(60_000);
    expect(isHangup()).toBe(false);
  });

  it.each([0, 60_300])('finds a hangup when the terminal is closed after %i ms', async time => {
    const clock = new FakeClock();
    let isOpen = true;
    const isHangup = watchTerminal(clock, () => isOpen);
    await clock.advance(time);
    isOpen = false;
    expect(isHangup()).toBe(true);
    // The shell passes the signal on, as late as in the moment after the look.
    await clock.advance(1_000);
    expect(isHangup()).toBe(true);
  });

  it('finds none after a process has survived the loss of its terminal', async () => {
    const clock = new FakeClock();
    let isOpen = true;
    const isHangup = watchTerminal(clock, () => isOpen);
    await clock.advance(60_300);
    isOpen = false;
    await clock.advance(2_000);
    expect(isHangup()).toBe(false);
  });

  it('finds none where there never was a terminal, and does not poll', () => {
    const clock = new FakeClock();
    const isHangup = watchTerminal(clock, () => false);
    expect(isHangup()).toBe(false);
    expect(clock.pending).toBe(0);
  });
});

describe('canOpenTerminal()', () => {
  it.each([
    ['ENXIO', false],
    ['EMFILE', true],
  ])('after %s is %s: without a free descriptor, the terminal need not be gone', (code, has) => {
    const open = (): never => {
      throw Object.assign(new Error('The terminal cannot be opened'), { code });
    };
    expect(canOpenTerminal(open)).toBe(has);
  });
});
