import { ask } from './api.js';

/** Milliseconds between two requests: 25 a second. */
const EVERY = 40;
/** Maximum of requests in flight: a browser opens at most six connections to a host. */
const AT_ONCE = 3;
/** Milliseconds after which a request without an answer has failed. */
const PATIENCE = 10_000;
/** Milliseconds for which an answer counts in the figures. */
const WINDOW = 10_000;
const LATELY = 2_000;

/** The latest answers: when they came, how long they took, and from which worker. */
let answers = [];
let inFlight = 0;
let isPaused = false;

/**
 * Sends requests all the time while the page is visible. The server closes each connection
 * after its answer, so that the next request goes to the next worker. A browser may send a request again if it has reused a
 * connection, and the connection breaks.
 */
export function startLoad() {
  setInterval(() => {
    if (!isPaused && !document.hidden && inFlight < AT_ONCE) void send();
  }, EVERY);
}

export function pauseLoad(pause) {
  isPaused = pause;
}

/** Milliseconds in which 99 % of the latest requests were answered; `undefined` if there was none. */
export function p99() {
  const times = latest(WINDOW)
    .map(({ ms }) => ms)
    .toSorted((a, b) => a - b);
  return times[Math.ceil(times.length * 0.99) - 1];
}

/** Answers a second of the worker of a slot. */
export function rateOf(slot) {
  return latest(LATELY).filter(answer => answer.slot === slot).length / (LATELY / 1000);
}

/** How many requests other workers than this one have answered since then. */
export function answersOfOthers(pid, since) {
  return answers.filter(answer => answer.at >= since && answer.pid !== pid).length;
}

async function send() {
  const sent = performance.now();
  inFlight++;
  try {
    const { slot, pid } = await ask('/api/worker', { timeout: PATIENCE });
    const at = performance.now();
    answers = [...latest(WINDOW), { at, ms: at - sent, slot, pid }];
  } catch {
    // It is counted as failed.
  } finally {
    inFlight--;
  }
}

function latest(ms) {
  const since = performance.now() - ms;
  return answers.filter(({ at }) => at >= since);
}
