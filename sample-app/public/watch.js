import { ask } from './api.js';

const EVERY = 1000;
const CLOSELY = 200;
/** A healthy host answers in milliseconds; whoever takes longer is blocked, and the next is asked. */
const PATIENCE = 1500;

let closelyUntil = 0;
const paused = new Set();

/** Asks more often for some seconds: somebody just did something worth watching. */
export function watchClosely(ms = 8000) {
  closelyUntil = Math.max(closelyUntil, Date.now() + ms);
  paused.forEach(wake => wake());
}

/**
 * Asks for a path for ever: once a second, and soon again after a request that got no answer.
 *
 * What it is for does not come live on purpose. Each request comes to any worker and tells how that
 * one is, a dead or blocked one can announce nothing, and what it uses changes all the time.
 */
export async function watch(path, onAnswer, onMiss, options = {}) {
  for (let misses = 0; ;) {
    try {
      const answer = await ask(path, { timeout: PATIENCE, ...options });
      onAnswer(answer, misses);
      misses = 0;
    } catch (error) {
      misses += 1;
      onMiss(error, misses);
    }
    await pause(misses === 1 || Date.now() < closelyUntil ? CLOSELY : EVERY);
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
