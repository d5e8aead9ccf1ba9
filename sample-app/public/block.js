import { count } from './format.js';
import { answersOfOthers } from './load.js';
import { tell } from './timeline.js';
import { traffic } from './traffic.js';
import { setNote } from './worker-card.js';

const EVERY = 250;

/** Shows on the card of a blocked worker what the others do meanwhile. */
export function followBlock(slot, pid, ms) {
  const begun = performance.now();
  const failedBefore = traffic.failed;
  const timer = setInterval(() => {
    const others = count(answersOfOthers(pid, begun), 'request');
    const failed = `${traffic.failed - failedBefore} failed`;
    if (performance.now() < begun + ms) {
      setNote(slot, `Blocked. The others have answered ${others}; ${failed}.`);
      return;
    }
    clearInterval(timer);
    const told = `While it was blocked, the others answered ${others}; ${failed}.`;
    setNote(slot, told);
    tell('note', `Worker ${slot} was blocked`, told);
  }, EVERY);
}
