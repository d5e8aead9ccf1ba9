import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BootingApplications } from '../../../../src/nest/booting-applications.js';
import { deferred } from '../../../../src/system/async/deferred.js';
import { FailedBoot } from '../../../../src/worker/boot/failed-boot.js';

const aCall = () => ({ method: 'create', root: undefined }) as const;
const GRACE = 1_000;

let boots: BootingApplications;
let failedBoot: FailedBoot;
/** Whether the channel keeps the process alive. */
let isHeld: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  boots = new BootingApplications();
  isHeld = true;
  failedBoot = new FailedBoot(boots, {
    ref: () => void (isHeld = true),
    unref: () => void (isHeld = false),
  });
});

afterEach(() => {
  failedBoot.end();
  vi.useRealTimers();
});

/** An attempt to create an application that fails, and whose error is caught. */
async function fail(): Promise<void> {
  await boots.follow(aCall(), () => Promise.reject(new Error('no database'))).catch(() => {});
}

it('lets the process end soon after its only application could not be created', async () => {
  await fail();
  await vi.advanceTimersByTimeAsync(GRACE - 1);
  expect(isHeld).toBe(true);
  await vi.advanceTimersByTimeAsync(1);
  expect(isHeld).toBe(false);
});

it('keeps the process while another attempt is under way, whenever it begins', async () => {
  await fail();
  await vi.advanceTimersByTimeAsync(GRACE - 1);
  const early = deferred();
  const second = boots.follow(aCall(), () => early.promise);
  await vi.advanceTimersByTimeAsync(10 * GRACE);
  expect(isHeld).toBe(true);
  early.resolve();
  await second;

  await fail();
  await vi.advanceTimersByTimeAsync(GRACE);
  expect(isHeld).toBe(true);
});

it('keeps the process again when an attempt begins late', async () => {
  await fail();
  await vi.advanceTimersByTimeAsync(GRACE);
  expect(isHeld).toBe(false);
  const late = deferred();
  const second = boots.follow(aCall(), () => late.promise);
  await vi.advanceTimersByTimeAsync(0);
  expect(isHeld).toBe(true);
  late.resolve();
  await second;
});

it('keeps the process if another application boots', async () => {
  const gate = deferred();
  const other = boots.follow(aCall(), () => gate.promise);
  await fail();
  await vi.advanceTimersByTimeAsync(10 * GRACE);
  expect(isHeld).toBe(true);
  gate.resolve();
  await other;
});

it('keeps a process that has booted', async () => {
  await fail();
  failedBoot.end();
  await vi.advanceTimersByTimeAsync(10 * GRACE);
  expect(isHeld).toBe(true);
});
