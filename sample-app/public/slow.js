import { ask } from './api.js';
import { element, setText } from './dom.js';
import { duration } from './format.js';
import { tell } from './timeline.js';

const KEPT = 3;

const card = document.querySelector('#slow');
const flights = card.querySelector('.flights');

/** The button for slow requests, any number of which can run at the same time. */
export function setUpSlow() {
  card.querySelector('button').addEventListener('click', () => void fly());
}

async function fly() {
  const started = performance.now();
  const flight = newFlight();
  try {
    const { slot, pid } = await ask('/api/slow?ms=2000');
    const took = duration(performance.now() - started);
    land(flight, 'good', `slot ${slot}, pid ${pid}, after ${took}`);
    tell('note', `A slow request was answered after ${took}`, `From slot ${slot}, pid ${pid}.`);
  } catch {
    // The strip counts and tells it.
    land(flight, 'bad', 'failed: its worker has exited');
  }
}

function newFlight() {
  const flight = element('li', {}, element('span', {}, 'in flight …'));
  flight.dataset.kind = 'wait';
  flights.prepend(flight);
  while (flights.children.length > KEPT) flights.lastChild.remove();
  return flight;
}

function land(flight, kind, text) {
  flight.dataset.kind = kind;
  setText(flight.firstChild, text);
}
