import { LazyModule } from './lazy-module.js';

/**
 * What `ClusterModule.forRoot()` gives where it is not clear yet whether this process runs the application:
 * who awaits it in the primary is parked for good.
 *
 * @internal
 */
export class DeferredModule extends LazyModule {}
