import { element, setText } from './dom.js';
import { clock, count, duration, howItEnded, megabytes } from './format.js';

/** The look and the text of a card by the state of its worker. */
const STATES = {
  booting: { look: 'wait', words: 'starting' },
  standby: { look: 'good', words: 'on standby' },
  ready: { look: 'good', words: 'ready' },
  draining: { look: 'wait', words: 'draining' },
  timeout: { look: 'wait', words: 'does not answer' },
  failed: { look: 'bad', words: 'could not answer' },
  gone: { look: 'bad', words: 'exited before it answered' },
  left: { look: 'bad', words: 'exited' },
};

const hosts = document.querySelector('#hosts');
const servedBy = Number(document.body.dataset.pid);

/** All cards. */
export function cards() {
  return hosts.querySelectorAll('.ticket');
}

/** Returns the card of a worker's slot on its host; creates it if it does not exist. */
export function cardOf({ host, slot }) {
  const list = (find(hosts, 'host', host) ?? addHost(host)).querySelector('ul');
  return find(list, 'slot', slot) ?? addCard(list, slot);
}

/** Updates a card. Without `worker`, the card keeps the data of the previous one. */
export function fill(card, worker, { state, uptime, restarts, lastExit, requests, memory, error }) {
  const { look, words } = STATES[state];
  card.dataset.look = look;
  field(card, 'state', uptime === undefined ? words : `${words} · up ${duration(uptime)}`);
  if (worker) {
    card.dataset.pid = worker.pid;
    card.classList.toggle('mine', worker.pid === servedBy);
  }
  const gone = state === 'gone' || state === 'left';
  field(card, 'pid', `${gone ? 'was pid' : 'pid'} ${card.dataset.pid}`);
  if (uptime !== undefined) {
    field(card, 'work', `${count(requests, 'request')} · ${megabytes(memory)}`);
    field(card, 'facts', `generation ${worker.generation} · restarts ${restarts}`);
    const last = lastExit && `Previous worker ${howItEnded(lastExit)} at ${clock(lastExit.at)}`;
    field(card, 'exit', last ?? 'No exit yet');
  }
  if (error) field(card, 'exit', error);
}

function addHost(host) {
  const made = element(
    'div',
    { className: 'machine' },
    element('h3'),
    element('ul', { className: 'workers' }),
  );
  made.dataset.host = host;
  return insert(hosts, made, other => other.dataset.host > host);
}

function addCard(list, slot) {
  const card = element('li', { className: 'ticket' });
  card.dataset.slot = slot;
  card.innerHTML = `
    <p class="stub">${slot < 0 ? '<span>spare</span>' : `<span>slot</span> <strong>${slot}</strong>`}</p>
    <div class="body">
      <p class="state" data-field="state"></p>
      <p class="big"><span data-field="pid"></span></p>
      <p class="small" data-field="work"></p>
      <p class="small" data-field="facts"></p>
      <p class="small" data-field="exit"></p>
    </div>`;
  return insert(list, card, other => Number(other.dataset.slot) > slot);
}

function find(parent, key, value) {
  return [...parent.children].find(child => child.dataset[key] === String(value));
}

function insert(parent, child, comesAfter) {
  parent.insertBefore(child, [...parent.children].find(comesAfter) ?? null);
  return child;
}

function field(card, name, text) {
  setText(card.querySelector(`[data-field='${name}']`), text);
}
