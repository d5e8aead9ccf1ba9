import { setText } from './dom.js';
import { cardOf, cards, fill } from './worker-card.js';
import { tell } from './timeline.js';

/** Milliseconds a card stays after its worker has answered last: time enough for a replacement. */
const KEPT = 15_000;

const hosts = document.querySelector('#hosts');

/** Shows an answer of `/api/workers`: a card for each worker that was asked, whatever came of it. */
export function showWorkers({ replies, missing }) {
  delete hosts.dataset.state;
  const asked = new Set();
  const show = (worker, told) => {
    const card = cardOf(worker);
    asked.add(card);
    card.seen = performance.now();
    fill(card, worker, told);
  };
  // Those first that did not answer: a replacement may have, in the same slot.
  missing.forEach(({ worker, reason, error }) => show(worker, { state: reason, error }));
  replies.forEach(({ worker, value }) => show(worker, value));
  for (const card of cards()) {
    if (asked.has(card)) continue;
    if (performance.now() - card.seen > KEPT) card.remove();
    else fill(card, undefined, { state: 'left' });
  }
  showHosts();
}

/** The workers cannot be asked. One request without an answer is no reason to say so. */
export function missWorkers(error, misses) {
  if (misses < 2) return;
  hosts.dataset.state = 'unknown';
  if (misses === 2 && error.status) tell('bad', 'Nobody can ask the workers', error.message);
}

/** A host without workers goes, and the only one needs no name. */
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
