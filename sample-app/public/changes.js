import { howItEnded } from './format.js';

/** Returns the changes between two answers of `/api/status`, as entries for the timeline. */
export function changes(before, after) {
  if (before.pid !== after.pid) {
    return [entry('note', 'The application was restarted', `Its primary is pid ${after.pid}.`)];
  }
  return [...hostChanges(before, after), ...departures(before, after), ...arrivals(before, after)];
}

function* hostChanges(before, after) {
  if (before.state !== after.state && after.state === 'stopping') {
    yield entry('wait', 'The host is stopping', 'Every worker finishes its in-flight requests.');
  }
  if (before.generation !== after.generation) {
    yield entry(
      'note',
      `Generation ${after.generation}`,
      'A reload replaces the workers one by one.',
    );
  }
  if (before.wanted !== after.wanted) {
    yield entry('note', 'Scaled', `From ${before.wanted} to ${after.wanted} workers.`);
  }
}

function* departures(before, after) {
  const alive = new Set(living(after).map(({ id }) => id));
  for (const { id, slot, pid } of living(before)) {
    if (alive.has(id)) continue;
    const exit = after.workers.find(worker => worker.slot === slot)?.lastExit;
    const how = exit ? howItEnded(exit) : 'left';
    const kind = exit && exit.reason !== 'left' ? 'bad' : 'note';
    yield entry(kind, `Slot ${slot}: worker gone`, `pid ${pid} ${how}.`);
  }
}

function* arrivals(before, after) {
  const known = new Map(before.workers.map(worker => [worker.id, worker]));
  for (const { id, slot, pid, state } of living(after)) {
    const old = known.get(id);
    if (old?.state === state) continue;
    const predecessor = old ? undefined : before.workers.findLast(other => other.slot === slot);
    const replaced = predecessor ? `, replacing pid ${predecessor.pid}` : '';
    if (state === 'booting') {
      yield entry('wait', `Slot ${slot}: worker starting`, `pid ${pid}${replaced}.`);
    } else if (state === 'ready') {
      yield entry('good', `Slot ${slot}: worker ready`, `pid ${pid} serves${replaced}.`);
    } else {
      yield entry(
        'wait',
        `Slot ${slot}: worker draining`,
        `pid ${pid} finishes its in-flight requests.`,
      );
    }
  }
}

function living({ workers }) {
  return workers.filter(({ state }) => state !== 'exited');
}

function entry(kind, title, detail) {
  return { kind, title, detail };
}
