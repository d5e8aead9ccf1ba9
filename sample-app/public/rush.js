import { ask, NoAnswerError } from './api.js';
import { element, setText, whileBusy } from './dom.js';
import { count, duration, grouped } from './format.js';
import { tell } from './timeline.js';

/** A browser opens at most six connections to a host: one is for live sales, others for the steady load. */
const AT_ONCE = 3;
/** A crash loses the in-flight requests of one worker. If more are lost, the application is down. */
const MOST_LOST = 8;

const card = document.querySelector('#rush');
const button = card.querySelector('button');
const bars = card.querySelector('.bars');
const result = card.querySelector('.result');

/** Creates one bar per slot before the first rush, so that nothing moves when answers come. */
export function showSlots(workers) {
  const slots = [...new Set(workers.map(({ slot }) => slot))].toSorted((a, b) => a - b);
  for (const slot of slots) barOf(slot);
}

/** The button that sells all tickets that are left, or all tickets again. */
export function setUpRush() {
  button.addEventListener('click', whileBusy(button, rush));
}

async function rush() {
  let left;
  try {
    ({ left } = await ask('/api/tickets'));
    if (left === 0) ({ left } = await ask('/api/tickets', { method: 'DELETE' }));
  } catch (error) {
    setText(result, error.message);
    return;
  }
  const started = performance.now();
  const tickets = [];
  let lost = 0;
  let refusal;
  const queue = async () => {
    while (!refusal) {
      try {
        tickets.push(await sellToNextCustomer());
      } catch (error) {
        if (!(error instanceof NoAnswerError) || ++lost === MOST_LOST) refusal = error;
      }
    }
  };
  const timer = setInterval(() => draw(tickets, left), 100);
  await Promise.all(Array.from({ length: AT_ONCE }, queue));
  clearInterval(timer);
  draw(tickets, left);
  conclude(tickets, lost, refusal, performance.now() - started);
}

/** Each ticket goes to another customer: the limit of 10 tickets a second is for one customer. */
function sellToNextCustomer() {
  const customer = [...crypto.getRandomValues(new Uint32Array(2))].join('-');
  const headers = { 'X-Client': customer };
  // Without the cookie of this visitor, whose reserved ticket is not for sale.
  return ask('/api/tickets', { method: 'POST', headers, credentials: 'omit', timeout: 10_000 });
}

/** The numbers on the tickets tell whether one was sold twice. */
function draw(tickets, total) {
  const numbers = new Set(tickets.map(({ number }) => number));
  field('sold', grouped(tickets.length));
  field('different', grouped(numbers.size));
  field('duplicates', grouped(tickets.length - numbers.size));
  card.dataset.duplicates = String(tickets.length > numbers.size);
  for (const { slot } of tickets) barOf(slot);
  for (const bar of bars.children) {
    const sold = tickets.filter(({ slot }) => String(slot) === bar.dataset.slot).length;
    // An equal share fills half of a bar, for any number of workers.
    bar.style.setProperty('--share', Math.min(1, (sold * bars.children.length) / (2 * total)));
    setText(bar.lastChild, grouped(sold));
  }
  setText(result, 'Selling …');
}

function conclude(tickets, lost, refusal, took) {
  const sellers = new Set(tickets.map(({ slot }) => slot)).size;
  const title = `${count(sellers, 'worker')} sold ${count(tickets.length, 'ticket')} in ${duration(took)}`;
  const perhaps = lost ? `${count(lost, 'request')} failed, and may have sold a ticket.` : '';
  const why = refusal.status === 409 ? '' : refusal.message;
  const detail = [perhaps, why].filter(Boolean).join(' ');
  setText(result, `${title}. ${detail}`.trim());
  tell(detail ? 'bad' : 'good', `Rush: ${title}`, detail);
}

function barOf(slot) {
  const known = [...bars.children].find(bar => bar.dataset.slot === String(slot));
  if (known) return known;
  const bar = element(
    'li',
    {},
    element('span', { className: 'label' }, `slot ${slot}`),
    element('span', { className: 'track' }),
    element('span', { className: 'number' }, '0'),
  );
  bar.dataset.slot = slot;
  bars.append(bar);
  return bar;
}

function field(name, text) {
  setText(card.querySelector(`[data-field='${name}']`), text);
}
