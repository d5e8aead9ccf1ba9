import type { OpenMetricsContentType, Registry } from 'prom-client';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { findPeer } from '../system/find-peer.js';

/** The exports of `prom-client`. @internal */
export type PromClient = typeof import('prom-client');

/** A registry of `prom-client`, of either content type. @publicApi */
export type MetricsRegistry = Registry | Registry<OpenMetricsContentType>;

const PACKAGE = 'prom-client';

const MODULE = 'ClusterMetricsModule';

/** @throws ClusterConfigError if it is not installed @internal */
export async function loadPromClient(): Promise<PromClient> {
  assertPromClient();
  return import('prom-client');
}

/**
 * Checks that `prom-client` is installed, without loading it, because a primary does not need it.
 *
 * @throws ClusterConfigError if it is not installed
 * @internal
 */
export function assertPromClient(): void {
  try {
    findPeer(load => load.resolve(PACKAGE));
  } catch (cause) {
    throw ClusterConfigError.missingPackage(MODULE, PACKAGE, cause, MODULE);
  }
}
