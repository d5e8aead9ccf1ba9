import { duration, howItEnded } from './format.js';
import { beginReload, endReload } from './reload.js';
import { tell } from './timeline.js';
import { setNote } from './worker-card.js';

const CAUSES = {
  stop: 'the host stops',
  reload: 'its replacement is ready',
  recycle: 'its replacement is ready',
  scale: 'the number of workers was reduced',
  signal: 'its replacement is ready',
  close: 'the application closed itself',
  orphaned: 'the primary has ended',
};

/** Each event that was shown. Different workers answer, and all of them know the latest events. */
const shown = new Set();
/** The last exit, and the last worker that became ready, of each slot. */
const exits = new Map();
const serving = new Map();

/** What a worker does, by the type of the event; other events are not shown. */
const DEEDS = {
  workerForked: () => ({ kind: 'wait', does: 'starts' }),
  workerReady: event => ({ kind: 'good', does: 'is ready', more: sinceExit(event) }),
  workerDraining: ({ cause }) => ({ kind: 'wait', does: 'drains', more: `: ${CAUSES[cause]}` }),
  workerExited(event) {
    // A worker that has started since knows only what came after this.
    const isOver = serving.get(event.slot)?.at > event.at;
    if (!isOver) exits.set(event.slot, event);
    return { kind: event.reason === 'left' ? 'note' : 'bad', does: howItEnded(event) };
  },
};

/** Shows the new ones of these lifecycle events in the timeline and on the cards, in the order of the primary. */
export function showEvents(events) {
  for (const event of events) {
    const key = [event.type, event.at, event.pid].join();
    if (shown.has(key)) continue;
    shown.add(key);
    if (event.type.startsWith('reload')) tellReload(event);
    else if (event.type in DEEDS) tellDeed(event);
  }
}

function tellDeed(event) {
  const { slot, pid, at } = event;
  const { kind, does, more = '' } = DEEDS[event.type](event);
  tell(kind, `${slot < 0 ? 'The spare' : `Worker ${slot}`} ${does}`, `pid ${pid}${more}`, at);
  if (event.type === 'workerReady') serving.set(slot, event);
  const server = serving.get(slot)?.pid ?? pid;
  const isReplaced = event.reason === 'left' && server !== pid;
  setNote(
    slot,
    isReplaced
      ? `pid ${server} serves now. pid ${pid} finished its requests, and exited.`
      : `pid ${pid} ${does}${more}`,
  );
}

function tellReload(event) {
  const { type, at, generation, outcome, duration: ms, error } = event;
  if (type === 'reloadStarted') {
    beginReload();
    tell('note', 'A reload begins', `Its workers are of generation ${generation}.`, at);
    return;
  }
  endReload(event);
  if (outcome === 'done') {
    tell('good', `All workers are of generation ${generation}`, `After ${duration(ms)}.`, at);
  } else {
    tell('bad', `The reload ${outcome === 'failed' ? 'failed' : 'was stopped'}`, error, at);
  }
}

/** For a worker that was started because another had ended. */
function sinceExit({ slot, at }) {
  const exit = exits.get(slot);
  exits.delete(slot);
  if (!exit || exit.reason === 'left') return '';
  return `, ${duration(at - exit.at)} after pid ${exit.pid} ${howItEnded(exit)}`;
}
