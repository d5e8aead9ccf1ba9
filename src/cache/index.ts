/**
 * A store for Keyv, and so for `@nestjs/cache-manager`, that all workers share.
 *
 * @packageDocumentation
 */
export { ClusterCacheStore, type ClusterCacheStoreOptions } from './cluster-cache.store.js';
