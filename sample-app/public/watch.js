import { ask } from './api.js';

const EVERY = 1000;
const CLOSELY = 200;
/** A healthy host answers in milliseconds; whoever takes longer is blocked, and the next is asked. */
const PATIENCE = 1500;

let closelyUntil = 0;
let wake = () => {};

/** Asks more often for some seconds: somebody just did something worth watching. */
export function watchClosely(ms = 8000) {
  closelyUntil = Date.now() + ms;
  wake();
}

/** Asks for the status for ever: once a second, and soon again after a request that got no answer. */
export async function watch(onStatus, onMiss) {
  for (let misses = 0; ;) {
    try {
      const status = await ask('/api/status', { timeout: PATIENCE });
      onStatus(status, misses);
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
    wake = resolve;
    setTimeout(resolve, ms);
  });
}
