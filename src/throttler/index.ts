/**
 * Limits of `@nestjs/throttler` that all workers share.
 *
 * @packageDocumentation
 */
export { ClusterThrottlerModule } from './cluster-throttler.module.js';
export {
  ClusterThrottlerStorage,
  type ClusterThrottlerOptions,
} from './cluster-throttler.storage.js';
