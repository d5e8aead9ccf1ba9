import type { ClusterService } from '../cluster.service.js';
import { controlAnswersOf } from '../control/control-answers.js';
import type { OverviewFeed } from '../overview/overview-feed.js';
import type { Runtime } from '../runtime/runtime.js';
import { printableError } from '../system/text/printable.js';
import type { FleetSection, JobsSection, SectionView } from './dashboard-messages.js';
import type { SectionSource } from './streams/live-section.js';

/** Milliseconds between two looks at what is in the memory of the host, and at what may be in Redis. */
const OFTEN = 2_000;
const RARELY = 5_000;

/** Returns the sections of all views. @internal */
export function sectionsOf(
  feed: OverviewFeed,
  cluster: ClusterService,
  runtime: Runtime,
): Readonly<Record<SectionView, SectionSource>> {
  return {
    topics: { interval: OFTEN, look: () => feed.topics() },
    connections: { interval: OFTEN, look: () => feed.connections() },
    state: { interval: RARELY, look: () => feed.state() },
    jobs: { interval: OFTEN, look: () => jobsOf(runtime) },
    fleet: { interval: RARELY, look: () => fleetOf(cluster) },
  };
}

/** The jobs, as this worker knows them. */
async function jobsOf(runtime: Runtime): Promise<JobsSection> {
  const answer = await controlAnswersOf(runtime).answer('jobs');
  if (answer.type === 'failed') {
    return { used: true, jobs: [], error: answer.why };
  }
  const used = answer.type === 'value';
  return { used, jobs: used ? (answer.value as readonly unknown[]) : [] };
}

async function fleetOf(cluster: ClusterService): Promise<FleetSection> {
  try {
    return await cluster.fleet();
  } catch (error) {
    return { error: printableError(error) };
  }
}
