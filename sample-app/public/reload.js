import { ask } from './api.js';
import { setText, whileBusy } from './dom.js';
import { duration } from './format.js';
import { tell } from './timeline.js';
import { watchClosely } from './watch.js';

const card = document.querySelector('#reload');
const button = card.querySelector('button');
const result = card.querySelector('.result');

/** The button that replaces all workers. It is disabled in single mode, where there are none. */
export function setUpReload() {
  if (document.body.dataset.mode === 'single') {
    button.disabled = true;
    setText(result, 'Disabled: in single mode there are no workers.');
    return;
  }
  button.addEventListener(
    'click',
    whileBusy(button, async () => {
      setText(result, 'Replacing the workers one by one …');
      watchClosely();
      try {
        const reloaded = await ask('/api/reload', { method: 'POST' });
        const text = `All workers are of generation ${reloaded.generation}`;
        setText(result, `${text}, after ${duration(reloaded.duration)}.`);
        tell('good', text, `It took ${duration(reloaded.duration)}, and no request was lost.`);
      } catch (error) {
        setText(result, error.message);
        tell('bad', 'The reload failed', error.message);
      }
    }),
  );
}
