import Sequencer from '@jest/test-sequencer';

/** What takes the longest, by the folder: contracts run all their examples on each backend. */
const ORDER = ['/test/contract/', '/test/package/', '/test/e2e/', '/test/unit/'];

const place = ({ path }) => ORDER.findIndex(folder => path.includes(folder));

/** First the files of which Jest does not know yet how long they take: what begins last may run alone for a minute. */
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
