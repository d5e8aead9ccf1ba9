import { element } from './dom.js';
import { clock } from './format.js';

const KEPT = 100;
const list = document.querySelector('#timeline');

/** Adds an entry to the timeline. Kinds: `good`, `bad`, `wait`, `note`. Screen readers announce it. */
export function tell(kind, title, detail = '') {
  const entry = element(
    'li',
    {},
    element('time', { dateTime: new Date().toISOString() }, clock()),
    element('p', {}, element('strong', {}, title), detail && element('span', {}, detail)),
  );
  entry.dataset.kind = kind;
  list.prepend(entry);
  while (list.children.length > KEPT) list.lastChild.remove();
}
