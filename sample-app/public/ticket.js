import { ask } from './api.js';
import { client } from './client.js';
import { setText } from './dom.js';
import { clock, grouped } from './format.js';

const ticket = document.querySelector('#ticket');
const blank = ticket.innerHTML;

/** Buys a ticket, and shows its number and the worker that sold it. */
export async function buyTicket() {
  const bought = await ask('/api/tickets', {
    method: 'POST',
    headers: { 'X-Client': client() },
  });
  field('number', String(bought.number));
  field('seller', `sold by slot ${bought.slot}`);
  field('facts', `pid ${bought.pid}, at ${clock()}, ${grouped(bought.left)} left after it`);
  return bought;
}

/** Removes the shown ticket, because it was put back. */
export function clearTicket() {
  ticket.innerHTML = blank;
}

function field(name, text) {
  setText(ticket.querySelector(`[data-field='${name}']`), text);
}
