import Sequencer from '@jest/test-sequencer';

/** The specs that take longest, for machines on which no run has recorded their durations. */
const LONGEST = [
  'health',
  'package',
  'reload',
  'upkeep',
  'browser',
  'nest-11',
  'redis-subscriber',
  'drain',
  'cluster-bus-redis-groups',
  'state-outage',
  'shared-state',
  'fault-matrix',
  'long-lived',
  'cluster-bus-redis-servers',
  'cluster-bus-memory',
  'node-versions',
  'orphan',
  'live-tickets',
  'bus-slow',
  'ticket-rush',
  'verify',
  'crash',
  'replaced-primary',
].map(name => `/${name}.spec.ts`);

function place({ path }) {
  const index = LONGEST.findIndex(name => path.endsWith(name));
  return index === -1 ? LONGEST.length : index;
}

/** Starts with the files of unknown duration. A file that starts last may run alone for a minute. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is no array's
    const sorted = super.sort(tests);
    const unknown = sorted.filter(({ duration }) => duration === undefined);
    return [
      ...unknown.toSorted((one, other) => place(one) - place(other)),
      ...sorted.filter(({ duration }) => duration !== undefined),
    ];
  }
}
