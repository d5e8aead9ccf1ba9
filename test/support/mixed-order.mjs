import Sequencer from '@jest/test-sequencer';

/**
 * The specs that mostly wait, and their durations in seconds on two cores. One worker of Jest is for them, so that the
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

const nameOf = ({ path }) => /([^/]+)\.spec\.ts$/.exec(path)[1];
const isWaiting = test => nameOf(test) in WAITING;
const durationOf = test => WAITING[nameOf(test)] ?? COMPUTING[nameOf(test)] ?? SHORT;
const longestFirst = (one, other) => durationOf(other) - durationOf(one);

/**
 * Orders the spec files for four workers: the one that is free first takes the next file. Long files come first,
 * because a file that starts last may run alone for a minute.
 */
export default class MixedOrder extends Sequencer {
  sort(tests) {
    const all = [...tests].toSorted(longestFirst);
    const waiting = all.filter(isWaiting);
    const computing = all.filter(test => !isWaiting(test));
    const workers = [waiting, computing, computing, computing].map(queue => ({ queue, until: 0 }));
    return all.map(() => {
      const free = workers.reduce((one, other) => (other.until < one.until ? other : one));
      const next = free.queue.shift() ?? waiting.shift() ?? computing.shift();
      free.until += durationOf(next);
      return next;
    });
  }
}
