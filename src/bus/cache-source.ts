import type { CacheSource, NamedChange } from '../state/objects/cache/shared-feed.js';
import type { ClusterBus } from './cluster-bus.js';
import { defineTopic } from './publish/topic.js';

const TOPIC = defineTopic<NamedChange | readonly NamedChange[]>('$nestjs-cluster.cache');

/** Carries the changes of caches over the bus, which is used when the first near cache is made. @internal */
export function cacheSource(bus: ClusterBus): CacheSource {
  return {
    publish: changes => bus.publish(TOPIC, changes, { self: false }),
    subscribe: async (onChanges, onGap) => {
      await bus.subscribe(TOPIC, onChanges, { onGap });
    },
  };
}
