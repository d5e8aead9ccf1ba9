import { element } from './dom.js';
import { clock } from './format.js';

const KEPT = 200;
const list = document.querySelector('#timeline ol');

/** Milliseconds that the clock of the host is ahead of that of the browser. */
let ahead;

/** Sets the clock of the timeline to that of the host, from the time in an answer. The fastest answer is the best. */
export function setClock(at) {
  ahead = Math.max(ahead ?? -Infinity, at - Date.now());
}

/** The time by the clock of the host. */
export function hostTime() {
  return Date.now() + (ahead ?? 0);
}

/**
 * Adds an entry to the timeline, at its place in time. Kinds: `good`, `bad`, `wait`, `note`. Screen readers announce it.
 *
 * @param at when it happened, by the clock of the host
 */
export function tell(kind, title, detail = '', at = hostTime()) {
  const entry = element(
    'li',
    { at },
    element('time', { dateTime: new Date(at).toISOString() }, clock(at)),
    element('p', {}, element('strong', {}, title), detail && element('span', {}, detail)),
  );
  entry.dataset.kind = kind;
  // The newest entry is first. Events of the same millisecond come in their order.
  list.insertBefore(entry, [...list.children].find(other => other.at <= at) ?? null);
  while (list.children.length > KEPT) list.lastChild.remove();
}
