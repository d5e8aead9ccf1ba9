import type { Check } from '../check.interface.js';
import { doctorMessages } from '../doctor.messages.js';

/** A scrape gets the metrics of one worker. @internal */
export const promClientCheck: Check = {
  wants: [],
  examine: ({ inventory, workers, ...facts }) =>
    facts.hasDefaultMetrics && !inventory.hasModule('ClusterMetricsModule')
      ? doctorMessages.promClient(workers)
      : undefined,
};

const PROM_CLIENT = /[\\/]node_modules[\\/]prom-client[\\/]index\.js$/;

/** The part of a module in the cache of `require()` that is read. */
type CachedModules = Readonly<Record<string, { readonly exports: unknown } | undefined>>;

/**
 * Whether metrics are registered in the default registry of prom-client, if the application has loaded it.
 *
 * @param cache the CommonJS modules of the process; those that ES modules import are among them
 * @internal
 */
export function hasDefaultMetrics(cache: CachedModules): boolean {
  return Object.keys(cache).some(file => {
    if (!PROM_CLIENT.test(file)) {
      return false;
    }
    const { register } = (cache[file]?.exports ?? {}) as {
      readonly register?: { getMetricsAsArray?(): readonly unknown[] };
    };
    return (register?.getMetricsAsArray?.().length ?? 0) > 0;
  });
}
