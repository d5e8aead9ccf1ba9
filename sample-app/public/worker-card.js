import { element, setText } from './dom.js';
import { count, duration, megabytes, milliseconds, percent } from './format.js';

/** The look and the text of a card by the state of its worker, unless a ready worker has problems. */
const STATES = {
  booting: { look: 'wait', words: 'starting' },
  ready: { look: 'good', words: 'ready' },
  draining: { look: 'wait', words: 'draining' },
  exited: { look: 'bad', words: 'waits for its next worker' },
};
const TROUBLES = {
  degraded: { look: 'wait', words: 'degraded' },
  down: { look: 'bad', words: 'down' },
};

const list = document.querySelector('#cards');
/** In single mode, nobody would replace the only process. */
const disabled = document.body.dataset.mode === 'single' ? 'disabled' : '';

/** Returns the card of a slot; creates it if it does not exist. */
export function cardOf(slot) {
  return find(slot) ?? addCard(slot);
}

/** Shows a worker on the card of its slot. */
export function fill(card, worker, rate) {
  const { state, status, pid, blockedFor, problems, uptime, restarts, generation } = worker;
  const { look, words } = TROUBLES[status] ?? STATES[state];
  card.dataset.look = look;
  card.dataset.pid = pid;
  card.dataset.state = state;
  const since = state === 'ready' ? ` · up ${duration(uptime ?? 0)}` : '';
  field(card, 'state', blockedFor ? `blocked for ${duration(blockedFor)}` : words + since);
  field(card, 'rate', blockedFor ? '' : `${rate.toFixed(1)} req/s`);
  field(card, 'pid', `pid ${pid} · generation ${generation} · ${count(restarts ?? 0, 'restart')}`);
  field(card, 'vitals', vitals(worker));
  field(card, 'problems', problems.join(' '));
}

/** Shows what happens to the worker of a slot, beside its buttons. */
export function setNote(slot, text) {
  if (slot >= 0) field(cardOf(slot), 'note', text);
}

/** The figures of a blocked worker are from before its block. */
function vitals({ blockedFor, eventLoopDelay, eventLoopUtilization, memory }) {
  if (blockedFor) return 'It reports nothing while it is blocked';
  if (memory === undefined) return 'No figures yet';
  const delay = `loop p99 ${milliseconds(eventLoopDelay)}`;
  return `${delay} · busy ${percent(eventLoopUtilization)} · ${megabytes(memory)}`;
}

function addCard(slot) {
  const card = element('li', { className: 'ticket' });
  card.dataset.slot = slot;
  card.innerHTML = `
    <p class="stub"><span>slot</span> <strong>${slot}</strong></p>
    <div class="body">
      <p class="state"><span data-field="state"></span><span data-field="rate"></span></p>
      <p class="small" data-field="pid"></p>
      <p class="small" data-field="vitals"></p>
      <p class="note" data-field="note"></p>
      <div class="buttons">
        <button type="button" class="danger" data-order="crash" ${disabled} aria-label="Crash worker ${slot}">Crash</button>
        <button type="button" data-order="block" aria-label="Block 5 s: worker ${slot}">Block 5 s</button>
        <button type="button" data-order="replace" ${disabled} aria-label="Replace worker ${slot}">Replace</button>
      </div>
      <p class="small" data-field="problems"></p>
    </div>`;
  list.insertBefore(
    card,
    [...list.children].find(other => Number(other.dataset.slot) > slot) ?? null,
  );
  return card;
}

function find(slot) {
  return [...list.children].find(card => card.dataset.slot === String(slot));
}

function field(card, name, text) {
  setText(card.querySelector(`[data-field='${name}']`), text);
}
