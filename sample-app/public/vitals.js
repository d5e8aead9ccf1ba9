import { element, setText } from './dom.js';
import { megabytes, milliseconds, percent } from './format.js';

/** The look and the text of a worker by its state, unless a ready worker has problems. */
const STATES = {
  booting: { kind: 'wait', words: 'starting' },
  ready: { kind: 'good', words: 'ready' },
  draining: { kind: 'wait', words: 'draining' },
  exited: { kind: 'bad', words: 'gone' },
};
const TROUBLES = {
  degraded: { kind: 'wait', words: 'degraded' },
  down: { kind: 'bad', words: 'down' },
};

const rows = document.querySelector('#vitals tbody');

/**
 * Shows one row for each slot, so that nothing below moves while workers come and go. A slot that is
 * missing in the answer keeps its row, without numbers.
 */
export function showVitals(workers) {
  const bySlot = new Map();
  for (const worker of workers) {
    // During a reload, a slot has two workers: show the one that is ready.
    if (bySlot.get(worker.slot)?.state !== 'ready') bySlot.set(worker.slot, worker);
  }
  for (const slot of bySlot.keys()) rowOf(slot);
  for (const row of rows.children) fill(row, bySlot.get(Number(row.dataset.slot)));
}

function fill(row, worker) {
  const { state, status } = worker ?? {};
  const { kind, words } = TROUBLES[status] ?? STATES[state] ?? { kind: 'note' };
  row.dataset.kind = kind;
  field(row, 'state', words);
  field(row, 'late', worker?.blockedFor ?? worker?.eventLoopDelay, milliseconds);
  field(row, 'busy', worker?.eventLoopUtilization, percent);
  field(row, 'memory', worker?.memory, megabytes);
}

/** The row of the slot, a new one if there is none. */
function rowOf(slot) {
  const known = [...rows.children].find(row => row.dataset.slot === String(slot));
  if (known) return known;
  const row = element('tr', {}, element('th', { scope: 'row' }, String(slot)));
  row.dataset.slot = slot;
  for (const name of ['state', 'late', 'busy', 'memory']) {
    const cell = element('td');
    cell.dataset.field = name;
    row.append(cell);
  }
  const next = [...rows.children].find(other => Number(other.dataset.slot) > slot);
  rows.insertBefore(row, next ?? null);
  return row;
}

function field(row, name, value, format = String) {
  const text = value === undefined ? '–' : format(value);
  setText(row.querySelector(`[data-field='${name}']`), text);
}
