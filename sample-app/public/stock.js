import { setText } from './dom.js';
import { grouped } from './format.js';
import { tell } from './timeline.js';

const stock = document.querySelector('#stock');
const left = stock.querySelector('[data-field="left"]');
const sold = stock.querySelector('[data-field="sold"]');
const meter = stock.querySelector('meter');

/** Shows the remaining tickets of a live message. */
export function showStock(now) {
  if (!now) {
    missStock();
    return;
  }
  const state = now.left ? 'open' : 'sold-out';
  if (state === 'sold-out' && stock.dataset.state === 'open') {
    tell('note', 'Sold out', `All ${grouped(now.total)} tickets are gone.`);
  }
  stock.dataset.state = state;
  setText(left, now.left ? grouped(now.left) : 'Sold out');
  const reserved = now.reserved ? `, ${grouped(now.reserved)} reserved` : '';
  setText(sold, `${grouped(now.sold)} of ${grouped(now.total)} sold${reserved}`);
  meter.max = now.total;
  meter.value = now.left;
}

/** Shows that the number of remaining tickets is unknown. */
export function missStock() {
  if (stock.dataset.state === 'unknown') return;
  stock.dataset.state = 'unknown';
  setText(left, '?');
  setText(sold, 'unknown at the moment');
  tell('bad', 'The number of tickets left is unknown', 'It is shown again when it is known.');
}
