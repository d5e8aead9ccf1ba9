import Sequencer from '@jest/test-sequencer';

/** The folders with the longest specs: contracts run all their examples on each backend. */
const ORDER = ['/test/contract/', '/test/package/', '/test/e2e/'];

const place = ({ path }) => ORDER.findIndex(folder => path.includes(folder));

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
