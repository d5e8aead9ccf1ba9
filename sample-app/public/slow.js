import { ask } from './api.js';
import { element, setText } from './dom.js';
import { duration } from './format.js';
import { tell } from './timeline.js';

/** The number of requests that are shown. */
const KEPT = 3;

const card = document.querySelector('#slow');
const list = card.querySelector('.slow-requests');

/** The button for slow requests, any number of which can run at the same time. */
export function setUpSlow() {
  card.querySelector('button').addEventListener('click', () => void send());
}

async function send() {
  const started = performance.now();
  const entry = addEntry();
  try {
    const { slot, pid } = await ask('/api/slow?ms=2000');
    const took = duration(performance.now() - started);
    finish(entry, 'good', `slot ${slot}, pid ${pid}, after ${took}`);
    tell('note', `A slow request was answered after ${took}`, `From slot ${slot}, pid ${pid}.`);
  } catch {
    // The strip counts and tells it.
    finish(entry, 'bad', 'failed: its worker has exited');
  }
}

function addEntry() {
  const entry = element('li', {}, element('span', {}, 'in flight …'));
  entry.dataset.kind = 'wait';
  list.prepend(entry);
  while (list.children.length > KEPT) list.lastChild.remove();
  return entry;
}

function finish(entry, kind, text) {
  entry.dataset.kind = kind;
  setText(entry.firstChild, text);
}
