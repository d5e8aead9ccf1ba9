import { say, sayWhyNot } from './sale.js';
import { buyTicket } from './ticket.js';

const button = document.querySelector('#buy');

/** The button that buys one ticket. Clicks do not wait for each other; only the rate limit applies. */
export function setUpBuy() {
  button.addEventListener('click', () => void buyOne());
}

async function buyOne() {
  try {
    const { number, slot, pid } = await buyTicket();
    say('good', `Ticket ${number} is yours`, `Slot ${slot}, pid ${pid}, sold it.`);
  } catch (error) {
    sayWhyNot(error);
  }
}
