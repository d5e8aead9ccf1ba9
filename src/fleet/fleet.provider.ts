import type { FactoryProvider } from '@nestjs/common';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';
import type { FleetStatus } from '../model/fleet-status.interface.js';
import { RUNTIME, type Runtime } from '../runtime/runtime.js';
import { OWN_STATE } from '../state/own-state.token.js';
import type { SharedState } from '../state/shared-state.js';

/** Injection token of the {@link Fleet}. @internal */
export const FLEET = Symbol('FLEET');

/** The hosts of the namespace, as one of their processes sees them. @internal */
export interface Fleet {
  /** @throws StateUnavailableError, PrimaryUnreachableError */
  status(): Promise<FleetStatus>;
}

/** @internal */
export const FLEET_PROVIDER: FactoryProvider<Fleet> = {
  provide: FLEET,
  inject: [CLUSTER_OPTIONS, RUNTIME, OWN_STATE],
  useFactory: (options: ResolvedClusterOptions, { host }: Runtime, state: SharedState): Fleet => ({
    status: async () => {
      // Loaded on first use.
      const { readFleet } = await import('./read-fleet.js');
      return readFleet(options, host, state);
    },
  }),
};
