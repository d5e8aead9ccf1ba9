import { ask } from './api.js';
import { setText, whileBusy } from './dom.js';
import { count, duration } from './format.js';
import { tell } from './timeline.js';

const EVERY = 250;
/** Maximum of requests that may hang at once: a browser opens at most six connections to a host. */
const HANGING = 2;

const card = document.querySelector('#block');
const button = card.querySelector('button');
const result = card.querySelector('.result');

/** The button that blocks a worker, and shows what the others do meanwhile. */
export function setUpBlock() {
  button.addEventListener(
    'click',
    whileBusy(button, async () => {
      tell('wait', 'A worker is being blocked for 3 s', 'Which workers still answer?');
      const probes = probe();
      try {
        const blocked = await ask('/api/block?ms=3000', { method: 'POST' });
        const answers = await probes.stop();
        conclude(blocked, answers);
      } catch (error) {
        await probes.stop();
        setText(result, error.message);
        tell('bad', 'The blocked worker gave no answer', error.message);
      }
    }),
  );
}

/** Requests `/api/worker` repeatedly, and records which worker answered and how long it took. */
function probe() {
  const answers = [];
  const hanging = new Set();
  const one = () => {
    if (hanging.size >= HANGING) return;
    const started = performance.now();
    const asked = ask('/api/worker')
      .then(({ slot, pid }) => answers.push({ slot, pid, ms: performance.now() - started }))
      .catch(() => {})
      .finally(() => hanging.delete(asked));
    hanging.add(asked);
    setText(result, `${count(answers.length, 'request')} answered meanwhile …`);
  };
  const timer = setInterval(one, EVERY);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(hanging);
      return answers;
    },
  };
}

function conclude(blocked, answers) {
  const others = answers.filter(({ pid }) => pid !== blocked.pid);
  const stuck = answers.filter(({ pid, ms }) => pid === blocked.pid && ms > EVERY);
  const title = `Slot ${blocked.slot} was blocked for ${duration(blocked.blocked)}`;
  const served = others.length
    ? `Meanwhile the others answered ${count(others.length, 'request')}.`
    : 'No other worker answered meanwhile, because there was none.';
  const waited = stuck.length
    ? ` ${count(stuck.length, 'request')} had reached the blocked worker and waited up to ` +
      `${duration(Math.max(...stuck.map(({ ms }) => ms)))}.`
    : '';
  setText(result, `${title}. ${served}${waited}`);
  tell(others.length ? 'good' : 'bad', title, served + waited);
}
