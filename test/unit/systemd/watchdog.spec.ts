import { expect, it } from 'vitest';
import { watchdogInterval } from '../../../src/systemd/notify/watchdog.js';

it.each([
  ['no watchdog', {}, undefined],
  ['half of the time', { WATCHDOG_USEC: '30000000' }, 15_000],
  ['the watchdog of this process', { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '42' }, 15_000],
  ['the watchdog of another process', { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }, undefined],
  ['an empty variable', { WATCHDOG_USEC: '' }, undefined],
  ['no number', { WATCHDOG_USEC: 'soon' }, undefined],
  ['a negative number', { WATCHDOG_USEC: '-30000000' }, undefined],
  ['zero', { WATCHDOG_USEC: '0' }, undefined],
  ['less than a timer can wait', { WATCHDOG_USEC: '1999' }, undefined],
  ['more than a timer can wait', { WATCHDOG_USEC: '18446744073709551615' }, undefined],
])('gives signs of life as the service manager expects them: %s', (_, env, interval) => {
  expect(watchdogInterval(env, 42)).toBe(interval);
});
