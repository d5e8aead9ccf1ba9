// @ts-check
import { BaseSequencer } from 'vitest/node';

/**
 * The specs that mostly wait, and their durations in seconds on two cores. One worker of Vitest is for them, so that the
 * cores are busy and not overloaded.
 */
const WAITING = {
  'long-lived': 70,
  upkeep: 70,
  'state-outage': 60,
  fleet: 55,
  'bus-faults': 45,
  orphan: 40,
  cli: 40,
  'bus-slow': 35,
  schedule: 35,
  queues: 35,
  inspect: 30,
  drain: 25,
  once: 25,
  output: 25,
  'redis-subscriber': 20,
  metrics: 20,
  'redis-faults': 20,
  'bus-flood': 20,
  'redis-silent': 15,
  systemd: 15,
  'bus-hosts': 15,
  start: 15,
};

/** Those that compute: they boot applications or browsers. Specs that are not listed are short. */
const COMPUTING = {
  reload: 80,
  health: 65,
  'node-versions': 60,
  'socket-io': 60,
  demonstration: 55,
  package: 50,
  crash: 50,
  'dashboard-page': 50,
  'nest-11': 50,
  'shared-state': 45,
  'live-tickets': 45,
  'cluster-bus-memory': 40,
  'cluster-bus-redis-groups': 40,
  dashboard: 40,
  'ticket-rush': 40,
  verify: 40,
  contract: 35,
  'cluster-bus-redis-servers': 35,
  browser: 35,
  'cluster-bus-redis-prefix': 30,
  copies: 30,
  'light-primary': 30,
  messages: 30,
  'nest-cli': 30,
  'sample-app': 30,
  'unix-socket': 30,
  faults: 25,
  logs: 25,
  packages: 25,
  'replaced-primary': 25,
  'state-hosts': 25,
  'fault-matrix': 20,
  'state-full': 20,
  readme: 15,
  types: 15,
  kubernetes: 15,
  'rolled-back-redis': 15,
  servers: 15,
  'socket-io-recovery': 15,
  stop: 15,
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
