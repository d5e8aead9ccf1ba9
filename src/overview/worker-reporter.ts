import { openBuses } from '../bus/open-buses.js';
import type { Runtime } from '../runtime/runtime.js';
import { openStates } from '../state/open-states.js';
import { monotonicNow } from '../system/time/monotonic-now.js';
import type { CacheReport, WorkerReport } from './overview.protocol.js';
import { TopicsReporter } from './topics-reporter.js';

/**
 * Tells what this process does at the moment, for the primary.
 *
 * @internal
 */
export class WorkerReporter {
  readonly #topics = new TopicsReporter();

  constructor(private readonly runtime: Pick<Runtime, 'host' | 'connections'>) {}

  /** @param withTopics whether somebody looks at the topics */
  report(withTopics: boolean): WorkerReport {
    const { host, connections } = this.runtime;
    const states = openStates.of(host);
    return {
      at: monotonicNow(),
      connections: connections.count(),
      ...(withTopics && {
        topics: this.#topics.report(openBuses.of(host).flatMap(bus => bus.topicActivity())),
      }),
      caches: states.flatMap(({ cacheReads }) =>
        [...cacheReads.entries()].map(([cache, { hits, misses }]): CacheReport => [
          cache,
          hits,
          misses,
        ]),
      ),
      clients: states.map(({ id }) => id),
    };
  }
}
