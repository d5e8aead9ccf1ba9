import { ask } from './api.js';
import { whileBusy } from './dom.js';
import { count } from './format.js';
import { say } from './sale.js';
import { clearTicket } from './ticket.js';
import { watchClosely } from './watch.js';

const button = document.querySelector('#put-back');

/** The button that begins the sale anew, for everybody. */
export function setUpPutBack() {
  button.addEventListener(
    'click',
    whileBusy(button, async () => {
      try {
        const { left } = await ask('/api/tickets', { method: 'DELETE' });
        clearTicket();
        say('note', 'All tickets are back', `${count(left, 'ticket')} left.`);
      } catch (error) {
        say('bad', 'The tickets may not be back', error.message);
      }
      watchClosely(1000);
    }),
  );
}
