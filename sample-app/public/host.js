import { element, setText } from './dom.js';
import { clock, duration, howItEnded } from './format.js';

const STATES = {
  booting: 'starting',
  ready: 'ready',
  draining: 'draining',
  exited: 'being replaced',
};

const host = document.querySelector('#host');
const list = document.querySelector('#workers');
const served = document.querySelector('#served-note');
const servedBy = Number(document.body.dataset.pid);

/** Shows an answer of `/api/status`: the host in one line, and a card per slot. */
export function showHost({ pid, uptime, generation, wanted, workers }) {
  const ready = workers.filter(({ state }) => state === 'ready').length;
  field(host, 'ready', `${ready} of ${wanted}`);
  field(host, 'generation', String(generation));
  field(host, 'primary', `pid ${pid}`);
  if (document.body.dataset.mode === 'single') field(host, 'pid-of', 'Only process');
  field(host, 'uptime', duration(uptime));
  if (!workers.some(isServer)) {
    setText(served, 'That worker is gone. The page did not notice.');
  }
  showCards(workers);
}

/** While a slot changes hands it has two workers, the newer one last: the card shows that one. */
function showCards(workers) {
  const holders = new Map(workers.map(worker => [worker.slot, worker]));
  for (const card of list.querySelectorAll('.ticket')) {
    if (!holders.has(Number(card.dataset.slot))) card.remove();
  }
  for (const worker of holders.values()) {
    const card = list.querySelector(`[data-slot='${worker.slot}']`) ?? addCard(worker.slot);
    const leaving = workers.filter(({ slot, id }) => slot === worker.slot && id !== worker.id);
    fill(card, worker, leaving);
  }
}

function addCard(slot) {
  const card = element('li', { className: 'ticket' });
  card.dataset.slot = slot;
  card.innerHTML = `
    <p class="stub"><span>slot</span> <strong>${slot}</strong></p>
    <div class="body">
      <p class="state" data-field="state"></p>
      <p class="big"><span data-field="pid"></span></p>
      <p class="small" data-field="facts"></p>
      <p class="small" data-field="exit"></p>
    </div>`;
  const next = [...list.children].find(other => Number(other.dataset.slot) > slot);
  list.insertBefore(card, next ?? null);
  return card;
}

function fill(card, worker, leaving) {
  const { generation, pid, state, uptime, restarts, lastExit } = worker;
  const gone = state === 'exited';
  card.dataset.state = state;
  card.classList.toggle('mine', isServer(worker));
  field(card, 'state', gone ? STATES.exited : `${STATES[state]} · up ${duration(uptime)}`);
  field(card, 'pid', gone ? `was pid ${pid}` : `pid ${pid}`);
  field(card, 'facts', `generation ${generation} · restarts ${restarts}`);
  const last = lastExit
    ? `Last one ${howItEnded(lastExit)} at ${clock(lastExit.at)}`
    : 'No exit yet';
  const drains = leaving.map(other => `pid ${other.pid} still drains`).join(', ');
  field(card, 'exit', drains || last);
}

function isServer({ pid, state }) {
  return pid === servedBy && state !== 'exited';
}

function field(parent, name, text) {
  setText(parent.querySelector(`[data-field='${name}']`), text);
}
