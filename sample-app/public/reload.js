import { ask } from './api.js';
import { setText, whileBusy } from './dom.js';
import { count, duration } from './format.js';
import { traffic } from './traffic.js';
import { watchClosely } from './watch.js';

const card = document.querySelector('#reload');
const button = card.querySelector('button');
const bar = card.querySelector('progress');
const result = card.querySelector('.result');

let isReloading = false;
let failedBefore = 0;

/** The button that replaces all workers. It is disabled in single mode, where there are none. */
export function setUpReload() {
  if (document.body.dataset.mode === 'single') {
    button.disabled = true;
    setText(result, 'In single mode, there are no workers to replace.');
    return;
  }
  button.addEventListener(
    'click',
    whileBusy(button, async () => {
      watchClosely();
      try {
        await ask('/api/reload', { method: 'POST' });
      } catch (error) {
        setText(result, error.message);
      }
    }),
  );
}

/** Shows that a reload has begun. Any visitor may have started it. */
export function beginReload() {
  isReloading = true;
  bar.hidden = false;
  failedBefore = traffic.failed;
}

/** Shows how many workers are of the newest generation. */
export function showReload({ workers, generation, wanted }) {
  const isNew = each => each.generation === generation && each.state === 'ready';
  const done = workers.filter(isNew).length;
  bar.max = wanted ?? 1;
  bar.value = done;
  if (isReloading) {
    watchClosely(1000);
    setText(result, `${done} of ${wanted} workers replaced …`);
  }
}

/** Shows how a reload has ended. */
export function endReload({ outcome, generation, duration: ms, error }) {
  if (outcome === 'done') {
    const failed = `${count(traffic.failed - failedBefore, 'request')} failed meanwhile`;
    const done = `All workers are of generation ${generation}, after ${duration(ms)}.`;
    setText(result, isReloading ? `${done} ${failed}.` : done);
  } else {
    setText(result, error ?? 'The host is stopping.');
  }
  isReloading = false;
}
