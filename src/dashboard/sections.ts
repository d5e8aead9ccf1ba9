import type { ClusterService } from '../cluster.service.js';
import { controlAnswersOf } from '../control/control-answers.js';
import type { OverviewFeed } from '../overview/overview-feed.js';
import type { Runtime } from '../runtime/runtime.js';
import { printableError } from '../system/text/printable.js';
import type { FleetSection, JobsSection, SectionView } from './page-messages.js';
import type { SectionSource } from './streams/live-section.js';

/** Milliseconds between two reads of a section that comes from the memory of the host. */
const MEMORY_INTERVAL = 2_000;

/** Milliseconds between two reads of a section that may come from Redis. */
const REDIS_INTERVAL = 5_000;

/** Returns the sections of all views. @internal */
export function sectionsOf(
  feed: OverviewFeed,
  cluster: ClusterService,
  runtime: Runtime,
): Readonly<Record<SectionView, SectionSource>> {
  return {
    topics: { interval: MEMORY_INTERVAL, look: () => feed.topics() },
    connections: { interval: MEMORY_INTERVAL, look: () => feed.connections() },
    state: { interval: REDIS_INTERVAL, look: () => feed.state() },
    jobs: { interval: MEMORY_INTERVAL, look: () => jobsOf(runtime) },
    fleet: { interval: REDIS_INTERVAL, look: () => fleetOf(cluster) },
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
