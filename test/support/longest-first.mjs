import Sequencer from '@jest/test-sequencer';

/** What takes the longest, by the folder: contracts run all their examples on each backend. */
const ORDER = ['/test/contract/', '/test/package/', '/test/e2e/', '/test/unit/'];

const place = ({ path }) => ORDER.findIndex(folder => path.includes(folder));

/**
 * Where Jest does not know yet how long each file takes, it begins with the one that has the most lines. But a
 * file of a few lines may run for a minute, and what begins last runs alone.
 */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is no array's
    const sorted = super.sort(tests);
    const isKnown = sorted.some(({ duration }) => duration !== undefined);
    return isKnown ? sorted : sorted.toSorted((one, other) => place(one) - place(other));
  }
}
