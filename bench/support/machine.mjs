import { availableParallelism, cpus, loadavg } from 'node:os';
import { canPin } from './pinning.mjs';

/** The machine and the versions of the measurement. */
export function machineFacts() {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    pinned: canPin,
  };
}

/** @returns {number} of the last minute */
export function loadAverage() {
  return Number((loadavg()[0] ?? 0).toFixed(2));
}
