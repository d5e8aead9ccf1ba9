// @ts-check
import { BaseSequencer } from 'vitest/node';

/**
 * The specs that mostly wait, and their durations in seconds on two cores. One worker of Vitest is for them, so that the
 * cores are busy and not overloaded.
 */
const WAITING = {
  'shared-state': 120,
  'redis-subscriber': 60,
  'fault-matrix': 50,
  'state-outage': 40,
  drain: 40,
  'bus-slow': 35,
  'bus-faults': 30,
  once: 30,
  orphan: 30,
  fleet: 25,
  output: 20,
  start: 20,
};

/** Those that compute: they boot applications or browsers. Specs that are not listed are short. */
const COMPUTING = {
  'socket-io': 65,
  'cluster-bus-redis-groups': 65,
  reload: 65,
  health: 60,
  schedule: 60,
  demonstration: 60,
  'cluster-bus-redis-servers': 55,
  'dashboard-page': 55,
  upkeep: 50,
  'long-lived': 50,
  'cluster-bus-memory': 50,
  package: 50,
  'node-versions': 40,
  crash: 40,
  contract: 40,
  'live-tickets': 40,
  'sample-app': 35,
  dashboard: 35,
  browser: 35,
  'ticket-rush': 35,
  verify: 35,
  'nest-11': 35,
  'light-primary': 25,
  inspect: 25,
  metrics: 20,
  messages: 20,
  'state-hosts': 20,
};
const SHORT = 10;

/** The projects whose specs start no processes. */
const SMALL = ['unit', 'isolated', 'third-party'];

/** @typedef {import('vitest/node').TestSpecification} Spec */

const nameOf = (/** @type {Spec} */ { moduleId }) =>
  /** @type {RegExpExecArray} */ (/([^/]+)\.spec\.ts$/.exec(moduleId))[1] ?? '';
const isWaiting = (/** @type {Spec} */ spec) => nameOf(spec) in WAITING;
const durationOf = (/** @type {Spec} */ spec) =>
  /** @type {Record<string, number>} */ ({ ...WAITING, ...COMPUTING })[nameOf(spec)] ?? SHORT;
const longestFirst = (/** @type {Spec} */ one, /** @type {Spec} */ other) =>
  durationOf(other) - durationOf(one);

/** Whether a spec starts processes. */
const isLarge = (/** @type {Spec} */ { project }) => !SMALL.includes(project.name);

/**
 * Orders the spec files that start processes for four workers: the one that is free first takes the next file. Long
 * files come first, because a file that starts last may run alone for a minute.
 */
export class MixedOrder extends BaseSequencer {
  /**
   * @override
   * @param {Spec[]} specs
   */
  async sort(specs) {
    // oxlint-disable-next-line unicorn/no-array-sort -- not a method of an array
    const small = await super.sort(specs.filter(spec => !isLarge(spec)));
    return [...small, ...mixed(specs.filter(isLarge).toSorted(longestFirst))];
  }
}

/** @param {readonly Spec[]} specs the longest first */
function mixed(specs) {
  const waiting = specs.filter(isWaiting);
  const computing = specs.filter(spec => !isWaiting(spec));
  const workers = [waiting, computing, computing, computing].map(queue => ({ queue, until: 0 }));
  return specs.map(() => {
    const free = workers.reduce((one, other) => (other.until < one.until ? other : one));
    const next = /** @type {Spec} */ (free.queue.shift() ?? waiting.shift() ?? computing.shift());
    free.until += durationOf(next);
    return next;
  });
}
