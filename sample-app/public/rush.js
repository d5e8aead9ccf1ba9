import { NoAnswerError } from './api.js';
import { whileBusy } from './dom.js';
import { count, duration } from './format.js';
import { say, showProgress } from './sale.js';
import { buyTicket } from './ticket.js';

/** A browser opens at most six connections to a host: one is for live updates, three for the status. */
const AT_ONCE = 2;
/** A crash loses the in-flight requests of one worker. If more are lost, the application is down. */
const MOST_LOST = 8;

const button = document.querySelector('#rush');

/** The button that buys as fast as possible, until the application refuses. */
export function setUpRush() {
  button.addEventListener(
    'click',
    whileBusy(button, async () => {
      const started = performance.now();
      const tickets = [];
      let lost = 0;
      let refusal;
      const customer = async () => {
        while (!refusal) {
          try {
            tickets.push(await buyTicket());
            showProgress(`${count(tickets.length, 'ticket')} …`);
          } catch (error) {
            if (!(error instanceof NoAnswerError) || ++lost === MOST_LOST) refusal = error;
          }
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, customer));
      conclude(tickets, lost, refusal, performance.now() - started);
    }),
  );
}

function conclude(tickets, lost, refusal, took) {
  const title = `The rush bought ${count(tickets.length, 'ticket')} in ${duration(took)}`;
  const trouble = lost ? ` ${count(lost, 'request')} got no answer, and may have sold one.` : '';
  const kind = lost ? 'bad' : 'note';
  say(kind, title, `${sellers(tickets)}${trouble} Then: ${refusal.message}`);
}

function sellers(tickets) {
  const sold = new Map();
  for (const { slot } of tickets) sold.set(slot, (sold.get(slot) ?? 0) + 1);
  const parts = [...sold]
    .toSorted(([a], [b]) => a - b)
    .map(([slot, n]) => `slot ${slot} sold ${n}`);
  return parts.length ? `Of these, ${parts.join(', ')}.` : 'No worker sold any.';
}
