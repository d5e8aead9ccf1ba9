// @ts-check
import { BaseSequencer } from 'vitest/node';

/**
 * The specs that mostly wait, and their durations in seconds on two cores. One worker of Vitest is for them, so that the
 * cores are busy and not overloaded.
 */
const WAITING = {
  'shared-state': 130,
  'redis-subscriber': 55,
  'state-outage': 45,
  'redis-silent': 45,
  'fault-matrix': 45,
  drain: 40,
  orphan: 40,
  'bus-slow': 35,
  'bus-faults': 35,
  once: 25,
  inspect: 25,
  fleet: 25,
  metrics: 20,
  output: 20,
  systemd: 20,
  'redis-faults': 20,
  'bus-hosts': 15,
  start: 15,
};

/** Those that compute: they boot applications or browsers. Specs that are not listed are short. */
const COMPUTING = {
  reload: 85,
  'cluster-bus-redis-groups': 75,
  package: 75,
  'socket-io': 70,
  health: 60,
  schedule: 60,
  'cluster-bus-redis-servers': 55,
  'node-versions': 55,
  'long-lived': 50,
  upkeep: 50,
  'dashboard-page': 50,
  contract: 50,
  'cluster-bus-redis-prefix': 50,
  'cluster-bus-memory': 50,
  'nest-11': 40,
  'live-tickets': 40,
  demonstration: 40,
  dashboard: 35,
  crash: 35,
  browser: 35,
  verify: 35,
  'sample-app': 30,
  'ticket-rush': 30,
  'light-primary': 25,
  cli: 25,
  'replaced-primary': 25,
  logs: 25,
  'state-hosts': 20,
  'nest-cli': 20,
  packages: 20,
  'unix-socket': 20,
  messages: 15,
  'state-full': 15,
  stop: 15,
  queues: 15,
  kubernetes: 15,
  servers: 15,
  faults: 15,
};
const SHORT = 5;

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
  const workers = [waiting, computing, computing, computing].map(queue => ({
    queue,
    until: 0,
  }));
  return specs.map(() => {
    const free = workers.reduce((one, other) => (other.until < one.until ? other : one));
    const next = /** @type {Spec} */ (free.queue.shift() ?? waiting.shift() ?? computing.shift());
    free.until += durationOf(next);
    return next;
  });
}
