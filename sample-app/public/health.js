import { element, setText } from './dom.js';
import { milliseconds } from './format.js';
import { showVitals } from './vitals.js';

/** 503 is an answer, too: the host is down. A healthy host answers within 200 ms; the rest is for the network. */
export const PROBE = { accept: [503], timeout: 1000 };

/** The look and the text of the badge for each status. */
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

/** Shows an answer of `/health/ready`, which describes the whole host. */
export function showHealth({ status, details }) {
  const verdict = VERDICTS[status];
  if (!verdict) {
    missHealth(new Error('The answer was not from the health endpoint.'));
    return;
  }
  const { host, state = {} } = details;
  delete health.dataset.state;
  showVerdict(verdict);
  showProblems([host, state].flatMap(part => part.problems ?? []));
  showFacts(host, state);
  showVitals(host.workers);
}

/** Shows a failed probe at once, because a load balancer would count it, too. */
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

/** Shows at least one line, and leaves unchanged lines alone. */
function showProblems(sentences) {
  const lines = sentences.length ? sentences : ['No problems.'];
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
