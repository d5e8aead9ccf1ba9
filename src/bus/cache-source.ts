import type { CacheChange, CacheSource } from '../state/objects/cache/shared-feed.js';
import type { ClusterBus } from './cluster-bus.js';
import { defineTopic } from './publish/topic.js';

const TOPIC = defineTopic<CacheChange>('$nestjs-cluster.cache');

/** Carries the changes of caches over the bus, which is used when the first near cache is made. @internal */
export function cacheSource(bus: ClusterBus): CacheSource {
  return {
    publish: change => bus.publish(TOPIC, change, { self: false }),
    subscribe: async (onChange, onGap) => {
      await bus.subscribe(TOPIC, onChange, { onGap });
    },
  };
}
