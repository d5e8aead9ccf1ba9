import { setText } from './dom.js';
import { cardOf, cards, fill } from './worker-card.js';
import { tell } from './timeline.js';

/** Milliseconds for which a card stays after the last answer of its worker; enough for a replacement. */
const KEPT = 15_000;

const hosts = document.querySelector('#hosts');

/** Shows an answer of `/api/workers`: a card for each worker that was asked, even without an answer. */
export function showWorkers({ replies, missing }) {
  delete hosts.dataset.state;
  const asked = new Set();
  const show = (worker, told) => {
    const card = cardOf(worker);
    asked.add(card);
    card.seen = performance.now();
    fill(card, worker, told);
  };
  // Workers without an answer come first, because a replacement in the same slot may have answered.
  missing.forEach(({ worker, reason, error }) => show(worker, { state: reason, error }));
  replies.forEach(({ worker, value }) => show(worker, value));
  for (const card of cards()) {
    if (asked.has(card)) continue;
    if (performance.now() - card.seen > KEPT) card.remove();
    else fill(card, undefined, { state: 'left' });
  }
  showHosts();
}

/** Shows that the workers cannot be asked, unless only one request had no answer. */
export function missWorkers(error, misses) {
  if (misses < 2) return;
  hosts.dataset.state = 'unknown';
  if (misses === 2 && error.status) tell('bad', 'The workers cannot be asked', error.message);
}

/** Removes hosts without workers, and hides the name of an only host. */
function showHosts() {
  for (const host of hosts.querySelectorAll('.machine')) {
    if (!host.querySelector('.ticket')) host.remove();
  }
  for (const host of hosts.children) {
    const title = host.querySelector('h3');
    title.hidden = hosts.children.length === 1;
    setText(title, `Host ${host.dataset.host}`);
  }
}
