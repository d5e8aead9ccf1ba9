import { ask } from './api.js';
import { whileBusy } from './dom.js';
import { count } from './format.js';
import { say, showProgress } from './sale.js';

const button = document.querySelector('#put-back');

/** The button that restarts the sale for all clients. This page is notified like all others. */
export function setUpPutBack() {
  button.addEventListener(
    'click',
    whileBusy(button, async () => {
      try {
        const { left } = await ask('/api/tickets', { method: 'DELETE' });
        showProgress(`All tickets are back. ${count(left, 'ticket')} left.`);
      } catch (error) {
        say('bad', 'The tickets may not be back', error.message);
      }
    }),
  );
}
