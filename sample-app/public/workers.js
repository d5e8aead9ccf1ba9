import { rateOf } from './load.js';
import { cardOf, fill } from './worker-card.js';

/** The worker of a slot that is shown, if there are several: in a reload, one drains while the next one serves. */
const RANKS = ['ready', 'booting', 'draining', 'exited'];

const list = document.querySelector('#cards');

/** Shows one card for each slot. */
export function showWorkers(workers) {
  const bySlot = new Map();
  for (const worker of workers) {
    const other = bySlot.get(worker.slot);
    if (
      !other ||
      rank(worker) < rank(other) ||
      (rank(worker) === rank(other) && worker.id > other.id)
    ) {
      bySlot.set(worker.slot, worker);
    }
  }
  for (const [slot, worker] of bySlot) fill(cardOf(slot), worker, rateOf(slot));
  for (const card of list.querySelectorAll('.ticket')) {
    if (!bySlot.has(Number(card.dataset.slot))) card.remove();
  }
}

function rank({ state }) {
  return RANKS.indexOf(state);
}
