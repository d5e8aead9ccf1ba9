import { ask } from './api.js';
import { element, setText, whileBusy } from './dom.js';
import { count } from './format.js';
import { tell } from './timeline.js';

/** A browser opens at most six connections to a host: one is for live updates, three for the status. */
const AT_ONCE = 2;

const card = document.querySelector('#whoami');
const bars = card.querySelector('.bars');
const result = card.querySelector('.result');

/** Creates one bar per slot before the first request, so that nothing moves when answers come. */
export function showSlots(workers) {
  const known = new Set([...bars.children].map(bar => bar.dataset.key));
  for (const { slot } of workers) {
    if (!known.has(String(slot))) bars.append(newBar(String(slot), `slot ${slot}`));
  }
}

/** The button that sends many requests and counts which workers answer. */
export function setUpWhoAmI() {
  card.querySelector('form').addEventListener(
    'submit',
    whileBusy(card.querySelector('button'), async () => {
      const total = Number(card.querySelector('input').value);
      const answers = new Map();
      let left = total;
      draw(answers, total);
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          while (left-- > 0) {
            const key = await ask('/api/worker').then(
              worker => String(worker.slot),
              () => 'none',
            );
            answers.set(key, (answers.get(key) ?? 0) + 1);
            draw(answers, total);
          }
        }),
      );
      conclude(answers, total);
    }),
  );
}

function conclude(answers, total) {
  const lost = answers.get('none') ?? 0;
  const workers = answers.size - (lost ? 1 : 0);
  const text = workers
    ? `${count(total - lost, 'answer')} from ${count(workers, 'worker')}`
    : 'Nobody answered';
  const trouble = lost ? `${count(lost, 'request')} got no answer.` : '';
  setText(result, `${text}. ${trouble}`.trim());
  tell(lost ? 'bad' : 'note', `Who am I: ${text}`, trouble);
}

function draw(answers, total) {
  const done = [...answers.values()].reduce((sum, n) => sum + n, 0);
  setText(result, `${done} of ${total} …`);
  if (answers.has('none') && !bars.querySelector("[data-key='none']")) {
    bars.append(newBar('none', 'no answer'));
  }
  // An equal share of the answers fills half of a bar, for any number of workers.
  const full = Math.min(total, (2 * total) / slots());
  for (const bar of bars.children) {
    const n = answers.get(bar.dataset.key) ?? 0;
    bar.style.setProperty('--share', Math.min(1, n / full));
    setText(bar.lastChild, String(n));
  }
}

function slots() {
  return bars.querySelectorAll("li:not([data-key='none'])").length;
}

function newBar(key, label) {
  const bar = element(
    'li',
    {},
    element('span', { className: 'label' }, label),
    element('span', { className: 'track' }),
    element('span', { className: 'number' }, '0'),
  );
  bar.dataset.key = key;
  return bar;
}
