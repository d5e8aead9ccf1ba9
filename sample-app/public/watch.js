import { peek } from './api.js';

const EVERY = 1000;
const CLOSELY = 200;
/** A healthy host answers within milliseconds. A slower worker is blocked, so the next one is asked. */
const PATIENCE = 1000;

let closelyUntil = 0;
const paused = new Set();

/** Polls more often for some seconds, after the user has started something. */
export function watchClosely(ms = 8000) {
  closelyUntil = Math.max(closelyUntil, Date.now() + ms);
  paused.forEach(wake => wake());
}

/**
 * Polls a path: once a second, and sooner after a request without an answer.
 *
 * This data is polled and not pushed. A dead or blocked worker could not push anything, and values such
 * as its memory change all the time.
 */
export async function watch(path, onAnswer, onMiss, every = EVERY) {
  for (let misses = 0; ;) {
    try {
      onAnswer(await peek(path, { timeout: PATIENCE }));
      misses = 0;
    } catch (error) {
      misses += 1;
      onMiss(error, misses);
    }
    const isClose = every === EVERY && Date.now() < closelyUntil;
    await pause(misses === 1 || isClose ? CLOSELY : every);
  }
}

function pause(ms) {
  return new Promise(resolve => {
    const wake = () => {
      clearTimeout(timer);
      paused.delete(wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    paused.add(wake);
  });
}
