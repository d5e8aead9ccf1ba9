import { whileBusy } from './dom.js';
import { clock } from './format.js';
import { say, sayWhyNot } from './sale.js';
import { reserveTicket } from './ticket.js';

const button = document.querySelector('#reserve');

/** The button that reserves a ticket. The session has it, so any worker can sell it to this visitor. */
export function setUpReserve() {
  button.addEventListener(
    'click',
    whileBusy(button, async () => {
      try {
        const { number, slot, until } = await reserveTicket();
        say(
          'wait',
          `Ticket ${number} is reserved`,
          `Slot ${slot} holds it until ${clock(until)}. Buy it, or a job offers it to all again.`,
        );
      } catch (error) {
        sayWhyNot(error);
      }
    }),
  );
}
