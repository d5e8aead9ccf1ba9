import { setText } from './dom.js';
import { grouped } from './format.js';
import { tell } from './timeline.js';

const stock = document.querySelector('#stock');
const left = stock.querySelector('[data-field="left"]');
const sold = stock.querySelector('[data-field="sold"]');
const meter = stock.querySelector('meter');

/** Shows an answer of `GET /api/tickets`. */
export function showStock(now) {
  const state = now.left ? 'open' : 'sold-out';
  if (state === 'sold-out' && stock.dataset.state === 'open') {
    tell('note', 'Sold out', `All ${grouped(now.total)} tickets are gone.`);
  }
  stock.dataset.state = state;
  setText(left, now.left ? grouped(now.left) : 'Sold out');
  setText(sold, `${grouped(now.sold)} of ${grouped(now.total)} sold`);
  meter.max = now.total;
  meter.value = now.left;
}

/** Nobody knows how many are left. One request without an answer is no reason to say so. */
export function missStock(error, misses) {
  if (misses < 2) return;
  stock.dataset.state = 'unknown';
  setText(left, '?');
  setText(sold, 'nobody can tell now');
  if (misses === 2) tell('bad', 'Nobody can tell how many tickets are left', error.message);
}
