import { element, setText } from './dom.js';
import { grouped } from './format.js';
import { clearTicket } from './ticket.js';
import { tell } from './timeline.js';

const KEPT = 5;

const card = document.querySelector('#sales');
const list = card.querySelector('ol');
const source = card.querySelector("[data-field='via']");

let via;

/** Shows what happened to the tickets, whichever client bought them. */
export function showNews(news) {
  for (const { type, number, by } of news) {
    if (type === 'sold') addSale(number, by);
    else putBack(by);
  }
}

/** Shows which worker sends the updates to this page; usually another one sold the ticket. */
export function showSource({ slot, pid }) {
  if (via && via.pid !== pid) {
    const title = `Live updates now come from slot ${slot}`;
    tell('note', title, `pid ${pid} took over from pid ${via.pid}, of slot ${via.slot}.`);
  }
  via = { slot, pid };
  card.dataset.pid = pid;
  setText(source, `Live updates from slot ${slot}, pid ${pid}`);
}

/** Shows that there are no updates at the moment. */
export function missSource() {
  setText(source, 'No live updates at the moment');
}

function addSale(number, { slot, pid }) {
  list.prepend(
    element(
      'li',
      {},
      element('strong', {}, `No. ${grouped(number)}`),
      element('span', { className: 'small' }, `slot ${slot}, pid ${pid}`),
    ),
  );
  while (list.children.length > KEPT) list.lastChild.remove();
}

function putBack({ slot, pid }) {
  list.replaceChildren();
  clearTicket();
  tell('note', 'All tickets are back', `Slot ${slot}, pid ${pid}, put them back.`);
}
