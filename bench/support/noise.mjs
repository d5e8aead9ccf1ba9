import { availableParallelism, cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuMilliseconds } from './cpu.mjs';

/** Above this share of the machine in use by others, figures say more about them than about us. */
const NOISY = 0.06;

const LOOK_MILLISECONDS = 500;

/** Milliseconds that the whole run may spend on waiting and on repeating. */
let patience = Number(process.env['BENCH_PATIENCE'] ?? 60) * 1000;

/** What others used of the machine, at most, in any part of the round that is under way. */
let loudest = 0;

let kept = 0;
let noisy = 0;

/**
 * Watches what others do from now on.
 *
 * @returns {(pids: readonly number[]) => void} takes note of it; these processes, and this one, are no
 *   others. What they had used before must be given when the watch begins.
 * @param {readonly number[]} [running] those of them that run already
 */
export function watchOthers(running = []) {
  const before = { at: performance.now(), idle: idleMilliseconds(), own: ownMilliseconds(running) };
  return pids => {
    const all = (performance.now() - before.at) * availableParallelism();
    const own = ownMilliseconds(pids) - before.own;
    const idle = idleMilliseconds() - before.idle;
    // Where nobody tells what a process has used, others cannot be told from ours.
    loudest = Math.max(loudest, Number.isNaN(own) ? 0 : 1 - (own + idle) / all);
  };
}

/**
 * Runs a round once others leave the machine alone, and again if they did not while it ran: as long
 * as there is patience.
 *
 * @template Result
 * @param {() => Promise<Result>} round
 * @returns {Promise<Result>}
 */
export async function undisturbed(round) {
  for (;;) {
    const begunAt = performance.now();
    while (patience > performance.now() - begunAt && (await isBusy())) {
      // Look again.
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

/** How many rounds count so far, and in how many of them others were in the way. */
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
