import { ask } from './api.js';
import { client } from './client.js';
import { setText } from './dom.js';
import { clock } from './format.js';

const ticket = document.querySelector('#ticket');
const blank = ticket.innerHTML;

/** Buys a ticket, and shows its number and the worker that sold it. */
export async function buyTicket() {
  const bought = await ask('/api/tickets', {
    method: 'POST',
    headers: { 'X-Client': client() },
  });
  const how = bought.wasReserved ? ', reserved before' : '';
  show(bought, `sold by slot ${bought.slot}`, `pid ${bought.pid}, at ${clock()}${how}`);
  return bought;
}

/** Reserves a ticket, and shows until when. */
export async function reserveTicket() {
  const held = await ask('/api/tickets/reservation', {
    method: 'POST',
    headers: { 'X-Client': client() },
  });
  show(held, 'reserved for you', `by slot ${held.slot}, until ${clock(held.until)}`);
  return held;
}

function show({ number }, what, facts) {
  field('number', String(number));
  field('seller', what);
  field('facts', facts);
}

/** Removes the shown ticket, because it was put back. */
export function clearTicket() {
  ticket.innerHTML = blank;
}

function field(name, text) {
  setText(ticket.querySelector(`[data-field='${name}']`), text);
}
