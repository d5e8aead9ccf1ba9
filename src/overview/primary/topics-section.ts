import type { TopicsSection } from '../overview.interface.js';
import { addTopics } from './add-topics.js';
import type { ReportRounds } from './report-rounds.js';

/**
 * Returns the topics of the host, as they were reported in the last round, and the slots that did not report.
 *
 * @internal
 */
export function topicsSection({ records }: Pick<ReportRounds, 'records'>): TopicsSection {
  const reported = [...records.values()].filter(({ isKnown }) => isKnown);
  const silent = [...records].flatMap(([{ slot }, { isKnown }]) => (isKnown ? [] : [slot]));
  return {
    topics: addTopics(reported.map(({ topics }) => topics)),
    // A spare has slot -1.
    silent: silent.filter(slot => slot >= 0).toSorted((a, b) => a - b),
  };
}
