import { element, setText } from './dom.js';
import { grouped } from './format.js';
import { clearTicket } from './ticket.js';
import { tell } from './timeline.js';

const KEPT = 5;

const card = document.querySelector('#sales');
const list = card.querySelector('ol');
const source = card.querySelector("[data-field='via']");

let via;

/** What happened to the tickets, to whomever they were sold. */
export function showNews(news) {
  for (const { type, number, by } of news) {
    if (type === 'sold') addSale(number, by);
    else putBack(by);
  }
}

/** Which worker tells this page: hardly ever the one that sold. */
export function showSource({ slot, pid }) {
  if (via && via.pid !== pid) {
    const title = `Live news come from slot ${slot} now`;
    tell('note', title, `pid ${pid} took over from pid ${via.pid}, of slot ${via.slot}.`);
  }
  via = { slot, pid };
  card.dataset.pid = pid;
  setText(source, `Told live by slot ${slot}, pid ${pid}`);
}

/** For the moment, nobody tells. */
export function missSource() {
  setText(source, 'Nobody tells what is sold now');
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
