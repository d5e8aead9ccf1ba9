import { availableParallelism, cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuMilliseconds } from './cpu.mjs';

/** If other processes use more than this share of the machine, the figures are not reliable. */
const NOISY = 0.06;

const LOOK_MILLISECONDS = 500;

/** Maximum milliseconds of a run that are spent on waiting and repetitions. */
let patience = Number(process.env['BENCH_PATIENCE'] ?? 60) * 1000;

/** The highest share that other processes have used in the current round. */
let loudest = 0;

let kept = 0;
let noisy = 0;

/**
 * Watches the CPU usage of other processes from now on.
 *
 * @returns {(pids: readonly number[]) => void} measures now; these processes, and this one, are not counted as
 * others. The CPU time that they had used before must be given when the watch begins.
 * @param {readonly number[]} [running] those of them that are already running
 */
export function watchOthers(running = []) {
  const before = { at: performance.now(), idle: idleMilliseconds(), own: ownMilliseconds(running) };
  return pids => {
    const all = (performance.now() - before.at) * availableParallelism();
    const own = ownMilliseconds(pids) - before.own;
    const idle = idleMilliseconds() - before.idle;
    // If the CPU time of processes is not known, other processes cannot be measured.
    loudest = Math.max(loudest, Number.isNaN(own) ? 0 : 1 - (own + idle) / all);
  };
}

/**
 * Runs a round when other processes leave the machine idle, and repeats it if they did not while it ran, until the
 * patience is used up.
 *
 * @template Result
 * @param {() => Promise<Result>} round
 * @returns {Promise<Result>}
 */
export async function undisturbed(round) {
  for (;;) {
    const begunAt = performance.now();
    while (patience > performance.now() - begunAt && (await isBusy())) {
      // Measure again.
    }
    patience -= performance.now() - begunAt;
    loudest = 0;
    const roundAt = performance.now();
    const result = await round();
    if (loudest <= NOISY || patience <= 0) {
      kept++;
      noisy += loudest > NOISY ? 1 : 0;
      return result;
    }
    patience -= performance.now() - roundAt;
  }
}

/** The number of rounds that count, and of those that other processes disturbed. */
export function noise() {
  return { rounds: kept, noisy };
}

async function isBusy() {
  const before = idleMilliseconds();
  await delay(LOOK_MILLISECONDS);
  const all = LOOK_MILLISECONDS * availableParallelism();
  return 1 - (idleMilliseconds() - before) / all > NOISY;
}

function idleMilliseconds() {
  return cpus().reduce((sum, { times }) => sum + times.idle, 0);
}

/** @param {readonly number[]} pids */
function ownMilliseconds(pids) {
  const { user, system } = process.cpuUsage();
  return cpuMilliseconds(pids) + (user + system) / 1000;
}
