import type { WorkerStatus } from '../../model/host-status.interface.js';
import type { ConnectionsOverview, ConnectionsSection } from '../overview.interface.js';
import type { ReportRounds } from './report-rounds.js';
import type { Timeline } from './timeline.js';

const UNKNOWN = { open: null, idle: null, inFlight: null, webSockets: null, messages: null };

/**
 * Returns the connections of all workers that have not exited, as they were reported in the last round.
 *
 * @param now milliseconds since the epoch
 * @internal
 */
export function connectionsSection(
  workers: readonly WorkerStatus[],
  rounds: Pick<ReportRounds, 'of'>,
  timeline: Pick<Timeline, 'drainingFor'>,
  now: number,
): ConnectionsSection {
  const sectionOf = ({ slot, pid, id, state }: WorkerStatus): ConnectionsOverview => {
    const { open, idle, inFlight, webSockets, messages } = rounds.of(id)?.connections ?? UNKNOWN;
    const drainingFor = timeline.drainingFor(id, now);
    return {
      slot,
      pid,
      state,
      ...(drainingFor !== undefined && { drainingFor }),
      open,
      idle,
      inFlight,
      webSockets,
      messages,
    };
  };
  return { workers: workers.filter(({ state }) => state !== 'exited').map(sectionOf) };
}
