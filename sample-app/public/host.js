import { element, setText } from './dom.js';
import { duration, milliseconds } from './format.js';
import { tell } from './timeline.js';

/** The look and the text of the badges for each status. */
const VERDICTS = {
  up: { kind: 'good', words: 'ok' },
  degraded: { kind: 'wait', words: 'degraded' },
  down: { kind: 'bad', words: 'down' },
  stopping: { kind: 'wait', words: 'stopping' },
  silent: { kind: 'bad', words: 'no answer' },
};
const BACKENDS = { memory: 'memory', redis: 'Redis' };

const host = document.querySelector('#host');
const problems = document.querySelector('#problems');
const badges = document.querySelectorAll('.badge');

let verdict;

/** Shows a snapshot: how the host is, and what is wrong with it. */
export function showHost(snapshot) {
  const { status, state, store, ready, wanted, generation, primary, uptime } = snapshot;
  const all = [...snapshot.problems, ...store.problems];
  const worst = status === 'up' ? store.status : status;
  showVerdict(state === 'stopping' ? 'stopping' : worst, all);
  field('ready', ready === undefined ? '?' : `${ready} of ${wanted}`);
  field('generation', generation ?? '?');
  field('primary', primary === undefined ? '?' : `pid ${primary}`);
  field('uptime', uptime === undefined ? '?' : duration(uptime));
  field('store', `Round trip to ${BACKENDS[store.backend]}`);
  field('round-trip', store.roundTrip === undefined ? '?' : milliseconds(store.roundTrip));
}

/** Shows that the application does not answer. */
export function missHost(error) {
  showVerdict('silent', [error.message]);
}

function showVerdict(now, sentences) {
  const { kind, words } = VERDICTS[now];
  const lines = sentences.length ? sentences : ['No problems.'];
  if (verdict && verdict !== now) tell(kind, `Health: ${words}`, lines[0]);
  verdict = now;
  for (const badge of badges) {
    badge.dataset.kind = kind;
    setText(badge.querySelector('[data-field="verdict"]'), words);
  }
  while (problems.children.length > lines.length) problems.lastChild.remove();
  while (problems.children.length < lines.length) problems.append(element('li'));
  lines.forEach((line, index) => setText(problems.children[index], line));
}

function field(name, text) {
  setText(host.querySelector(`[data-field='${name}']`), String(text));
}
