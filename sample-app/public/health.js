import { element, setText } from './dom.js';
import { milliseconds } from './format.js';
import { showVitals } from './vitals.js';

/** A host that is down says so with 503. One that is well takes 200 ms at most; the rest is for the way. */
export const PROBE = { accept: [503], timeout: 1000 };

/** What the badge says of each status: the look, and the words. */
const VERDICTS = {
  ok: { kind: 'good', words: 'ok' },
  degraded: { kind: 'wait', words: 'degraded' },
  error: { kind: 'bad', words: 'down' },
  shutting_down: { kind: 'wait', words: 'stopping' },
};
const NO_ANSWER = { kind: 'bad', words: 'no answer' };

const BACKENDS = { memory: 'memory', redis: 'Redis' };

const health = document.querySelector('#health');
const problems = health.querySelector('.problems');
const badges = document.querySelectorAll('.badge');

/** Shows an answer of `/health/ready`: it is about the host, whichever worker gave it. */
export function showHealth({ status, details }) {
  const verdict = VERDICTS[status];
  if (!verdict) {
    missHealth(new Error('Something else answered in its place.'));
    return;
  }
  const { host, state = {} } = details;
  delete health.dataset.state;
  showVerdict(verdict);
  showProblems([host, state].flatMap(part => part.problems ?? []));
  showFacts(host, state);
  showVitals(host.workers);
}

/** Said at once: whoever probes the host would count this one, too. */
export function missHealth(error) {
  health.dataset.state = 'unknown';
  showVerdict(NO_ANSWER);
  showProblems([error.message]);
}

function showVerdict({ kind, words }) {
  for (const badge of badges) {
    badge.dataset.kind = kind;
    setText(badge.querySelector('[data-field="verdict"]'), words);
  }
}

/** One line at least, and those that stay are left alone. */
function showProblems(sentences) {
  const lines = sentences.length ? sentences : ['Nothing to complain of.'];
  while (problems.children.length > lines.length) problems.lastChild.remove();
  while (problems.children.length < lines.length) problems.append(element('li'));
  lines.forEach((line, index) => setText(problems.children[index], line));
}

function showFacts({ ready, wanted }, { backend, roundTrip }) {
  field('ready', ready === undefined ? '?' : `${ready} of ${wanted}`);
  field('state-of', backend ? `Shared state in ${BACKENDS[backend]}` : 'Shared state');
  field('round-trip', roundTrip === undefined ? '?' : milliseconds(roundTrip));
}

function field(name, text) {
  setText(health.querySelector(`[data-field='${name}']`), text);
}
