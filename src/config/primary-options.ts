import type { ResolvedClusterOptions } from './resolve-options.js';

/** The options that the primary uses. It never connects to Redis, and only needs to know whether the workers do. @internal */
export type PrimaryOptions = Omit<ResolvedClusterOptions, 'redis'> & { readonly redis: unknown };
