import type { ClusterModuleOptions } from '../config/cluster-options.interface.js';
import type { OnceOptions } from '../state/once-options.js';

/** Options of `clusterOnce()`. @publicApi */
export interface ClusterOnceOptions extends OnceOptions {
  /**
   * The Redis server that the hosts share; `null` for none. @defaultValue `redis` of `ClusterModule.forRoot()`, else
   * `CLUSTER_REDIS_URL`
   */
  readonly redis?: ClusterModuleOptions['redis'] | undefined;
}
