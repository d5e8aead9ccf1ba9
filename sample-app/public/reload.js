import { ask } from './api.js';
import { setText, whileBusy } from './dom.js';
import { duration } from './format.js';
import { tell } from './timeline.js';
import { watchClosely } from './watch.js';

const card = document.querySelector('#reload');
const button = card.querySelector('button');
const result = card.querySelector('.result');

/** The button that replaces all workers. In single mode there is nobody to replace: no button. */
export function setUpReload() {
  if (document.body.dataset.mode === 'single') {
    button.disabled = true;
    setText(result, 'Switched off: in single mode there are no workers.');
    return;
  }
  button.addEventListener(
    'click',
    whileBusy(button, async () => {
      setText(result, 'One worker after the other …');
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
