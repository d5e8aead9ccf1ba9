import { isRecord } from '../../system/is-record.js';
import type { Check } from '../check.interface.js';
import { doctorMessages } from '../doctor.messages.js';
import { classNames } from '../inventory.js';

/** Jobs of `@nestjs/schedule` run in every worker. @internal */
export const scheduleCheck: Check = {
  wants: ['SchedulerRegistry'],
  examine: ({ inventory, workers }) =>
    inventory.providersOf('SchedulerRegistry').some(each => 'getCronJobs' in each) &&
    !inventory.hasModule('ClusterScheduleModule')
      ? doctorMessages.schedule(workers)
      : undefined,
};

/** The default storage of `@nestjs/throttler` is in memory. @internal */
export const throttlerCheck: Check = {
  wants: ['ThrottlerStorageService'],
  examine: ({ inventory, workers }) =>
    inventory.providersOf('ThrottlerStorageService').length > 0 &&
    !inventory.hasModule('ClusterThrottlerModule')
      ? doctorMessages.throttler(workers)
      : undefined,
};

/** The token of the cache of `@nestjs/cache-manager`. */
const CACHE_MANAGER = 'CACHE_MANAGER';

/** The stores of Keyv, and of packages for Keyv, that are in memory. */
const IN_MEMORY = [
  'Map',
  'LRUCache',
  'QuickLRU',
  'CacheableMemory',
  'KeyvCacheableMemory',
  'KeyvMemoryAdapter',
];

/** All stores of `@nestjs/cache-manager` are in memory. With a shared one, the others are near caches. @internal */
export const cacheCheck: Check = {
  wants: [CACHE_MANAGER],
  examine: ({ inventory }) =>
    inventory.providersOf(CACHE_MANAGER).some(isCacheInMemory) ? doctorMessages.cache() : undefined,
};

function isCacheInMemory(cache: object): boolean {
  const { stores } = cache as { readonly stores?: unknown };
  return Array.isArray(stores) && stores.length > 0 && stores.every(isStoreInMemory);
}

/** Looks for the innermost store: a Keyv may wrap a Keyv. */
function isStoreInMemory(keyv: unknown): boolean {
  const inner: unknown = isRecord(keyv) ? keyv['store'] : undefined;
  const names = classNames(inner);
  return (
    names.some(name => IN_MEMORY.includes(name)) ||
    (names.includes('Keyv') && isStoreInMemory(inner))
  );
}

/** `PubSub` of graphql-subscriptions emits in its process. @internal */
export const graphqlCheck: Check = {
  wants: ['PubSub'],
  examine: ({ inventory }) =>
    inventory.allOf('PubSub').some(isLocalPubSub) ? doctorMessages.graphql() : undefined,
};

/** Whether its emitter is Node's own. Other classes with this name have no emitter, or another one. */
function isLocalPubSub(pubSub: object): boolean {
  const { ee } = pubSub as { readonly ee?: unknown };
  return classNames(ee)[0] === 'EventEmitter';
}
