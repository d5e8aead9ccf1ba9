import { ask } from './api.js';
import { followBlock } from './block.js';
import { whileBusy } from './dom.js';
import { hostTime, tell } from './timeline.js';
import { watchClosely } from './watch.js';
import { setNote } from './worker-card.js';

/** Milliseconds for which a worker is blocked. */
const BLOCK = 5000;

/** The path to which each button of a worker's card sends its request, and the text for the timeline. */
const ORDERS = {
  crash: { path: 'crash', told: 'is told to crash' },
  block: { path: `block?ms=${BLOCK}`, told: 'is told to block its event loop for 5 s' },
  replace: { path: 'replace', told: 'is told to leave when its replacement is ready' },
};

const list = document.querySelector('#cards');

/** The buttons of all cards, also of those that are added later. */
export function setUpOrders() {
  list.addEventListener('click', event => {
    const button = event.target.closest('button');
    if (button) whileBusy(button, () => give(button.dataset.order, slotOf(button)))(event);
  });
}

async function give(order, slot) {
  const { path, told } = ORDERS[order];
  const at = hostTime();
  watchClosely();
  try {
    const { pid } = await ask(`/api/workers/${slot}/${path}`, { method: 'POST' });
    setNote(slot, `pid ${pid} ${told}`);
    tell('wait', `Worker ${slot} ${told}`, `pid ${pid}`, at);
    if (order === 'block') followBlock(slot, pid, BLOCK);
  } catch (error) {
    setNote(slot, error.status === 404 ? 'It is not ready yet. Try again.' : error.message);
  }
}

function slotOf(button) {
  return Number(button.closest('[data-slot]').dataset.slot);
}
