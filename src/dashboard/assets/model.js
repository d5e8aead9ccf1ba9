/** What the page knows. Each function returns a new model, and changes nothing. */

const SAMPLES = 450;
const EVENTS = 500;

/** Nothing is known yet. `receivedAt` is on the clock of the page, which nobody sets. */
export const EMPTY = { latest: null, history: [], events: [], sections: {}, receivedAt: 0 };

/**
 * Samples in the order of time, at most those of 15 minutes. It begins again if the clock of the host was set back.
 *
 * @template {{ at: number }} Sample
 * @param {readonly Sample[]} history
 * @param {Sample} sample
 */
export function addSample(history, sample) {
  const last = history.at(-1)?.at ?? -Infinity;
  if (last === sample.at) {
    return history;
  }
  return last > sample.at ? [sample] : [...history.slice(1 - SAMPLES), sample];
}

/** The samples since the clock of the host was set back the last time. */
function inOrder(history) {
  const begin = history.findLastIndex(({ at }, place) => at < history[place - 1]?.at);
  return history.slice(Math.max(begin, 0));
}

/** Events by their sequence, without those that are known. */
export function addEvents(events, added) {
  const last = events.at(-1)?.sequence ?? 0;
  return [...events, ...added.filter(({ sequence }) => sequence > last)].slice(-EVENTS);
}

/** The first message of a connection. Events of the same primary are kept. */
export function withOverview(model, overview, now) {
  const { history, ...latest } = overview;
  const isSame = model.latest?.host.pid === latest.host.pid;
  return {
    ...model,
    latest,
    history: addSample(inOrder(history).slice(-SAMPLES), latest.sample),
    events: addEvents(isSame ? model.events : [], latest.events),
    sections: isSame ? model.sections : {},
    receivedAt: isSame && latest.at <= model.latest.at ? model.receivedAt : now,
  };
}

/** A later message of a connection. */
export function withUpdate(model, update, now) {
  return {
    ...model,
    latest: { ...model.latest, ...update },
    history: addSample(model.history, update.sample),
    events: addEvents(model.events, update.events),
    // A host whose time stands still tells nothing new.
    receivedAt: update.at > model.latest.at ? now : model.receivedAt,
  };
}

export const withSection = (model, { view, section }) => ({
  ...model,
  sections: { ...model.sections, [view]: section },
});

/** The message with this name; names of a newer server are ignored. */
export function withMessage(model, name, data, now) {
  switch (name) {
    case 'overview':
      return withOverview(model, data, now);
    case 'update':
      return model.latest ? withUpdate(model, data, now) : model;
    case 'section':
      return withSection(model, data);
    default:
      return model;
  }
}

/** The number of slots that have a line in the plots. */
export const slotsOf = history =>
  history.reduce((most, { slots }) => Math.max(most, slots.length), 0);

/** The columns of a plot: the times, then the values of each slot. */
export const columnsOf = (history, metric, slots) => [
  history.map(({ at }) => at),
  ...Array.from({ length: slots }, (_, slot) =>
    history.map(sample => sample.slots[slot]?.[metric] ?? null),
  ),
];

/** The highest value of a slot in each of `count` equal parts of the history; `null` where none is known. */
export function peaksOf(history, slot, metric, count) {
  const size = Math.max(1, Math.ceil(history.length / count));
  const peaks = [];
  for (let end = history.length; end > 0; end -= size) {
    let peak = null;
    for (let at = Math.max(0, end - size); at < end; at++) {
      const value = history[at].slots[slot]?.[metric] ?? null;
      peak = value === null || (peak !== null && peak >= value) ? peak : value;
    }
    peaks.unshift(peak);
  }
  return peaks;
}

/** Adds up what is known. `unknown` counts the others. */
export function sumOf(values) {
  const known = values.filter(value => typeof value === 'number');
  return {
    sum: known.length > 0 ? known.reduce((sum, value) => sum + value, 0) : null,
    unknown: values.length - known.length,
  };
}

/**
 * How a worker is: its state, or that it is blocked.
 *
 * @param {{ state: string; heartbeatOverdue?: number; isOverloaded?: boolean }} worker
 */
export const conditionOf = ({ state, heartbeatOverdue, isOverloaded }) =>
  heartbeatOverdue > 0 && state !== 'exited'
    ? 'blocked'
    : isOverloaded && state === 'ready'
      ? 'overloaded'
      : state;

/**
 * The vitals of a worker. Those of a blocked worker are from before it was blocked: only the delay is known, which is at
 * least the time since then. One that has exited has none.
 */
export function vitalsOf(worker) {
  const condition = conditionOf(worker);
  return condition === 'blocked'
    ? { eventLoopDelayP99: worker.heartbeatOverdue }
    : (condition !== 'exited' && worker.vitals) || {};
}

/** Why a value of a worker is unknown. */
export function whyUnknown(worker) {
  const condition = conditionOf(worker);
  return condition === 'blocked' || condition === 'exited' ? condition : 'not measured yet';
}

/**
 * How an event is: `bad`, `warn`, `good` or `plain`.
 *
 * @param {{ type: string; reason?: string; outcome?: string }} event
 */
export function gradeOf({ type, reason, outcome }) {
  if (type === 'workerExited') {
    return reason === 'left' ? 'plain' : 'bad';
  }
  if (type === 'reloadFinished') {
    return outcome === 'done' ? 'good' : 'bad';
  }
  return (
    { workerReady: 'good', workerOutputPaused: 'warn', workerDraining: 'warn' }[type] ?? 'plain'
  );
}
