import { ask } from './api.js';
import { setText, whileBusy } from './dom.js';
import { duration, howItEnded } from './format.js';
import { tell } from './timeline.js';
import { watchClosely } from './watch.js';

const card = document.querySelector('#crash');
const button = card.querySelector('button');
const steps = [...card.querySelectorAll('.steps li')];

const plan = steps.map(item => item.textContent);

let victim;

/** Follows the slot of the crashed worker in the status until it has a new one. */
export function followCrash(status) {
  if (!victim) return;
  const worker = status.workers.findLast(({ slot }) => slot === victim.slot);
  if (!worker || (worker.pid === victim.pid && worker.state !== 'exited')) return;
  step(1, worker.lastExit ? `It ${howItEnded(worker.lastExit)}` : 'It crashed');
  if (worker.pid === victim.pid || worker.state !== 'ready') return;
  const took = duration(performance.now() - victim.at);
  step(2, `pid ${worker.pid} is ready, about ${took} later`);
  tell('good', `Slot ${victim.slot} has recovered`, `It took about ${took}.`);
  victim = undefined;
}

/** The button that crashes a worker. It is disabled without a primary, which would replace the worker. */
export function setUpCrash() {
  if (document.body.dataset.mode === 'single') {
    button.disabled = true;
    step(0, 'Disabled: in single mode, the process would not be restarted', 'failed');
    return;
  }
  button.addEventListener(
    'click',
    whileBusy(button, async () => {
      startOver();
      try {
        const { slot, pid } = await ask('/api/crash', { method: 'POST' });
        victim = { slot, pid, at: performance.now() };
        step(0, `Slot ${slot}, pid ${pid}, answered 202`);
        tell(
          'wait',
          `Slot ${slot} was told to crash`,
          `pid ${pid} answered and is about to crash.`,
        );
      } catch (error) {
        step(0, error.message, 'failed');
        tell('bad', 'The request to crash failed', error.message);
      }
      watchClosely();
    }),
  );
}

function startOver() {
  victim = undefined;
  steps.forEach((item, index) => {
    setText(item, plan[index]);
    delete item.dataset.result;
  });
}

function step(index, text, result = 'done') {
  setText(steps[index], text);
  steps[index].dataset.result = result;
}
