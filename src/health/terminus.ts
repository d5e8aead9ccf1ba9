import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { findPeer } from '../system/find-peer.js';

/** The exports of `@nestjs/terminus`. @internal */
export type Terminus = typeof import('@nestjs/terminus');

const PACKAGE = '@nestjs/terminus';

const MODULE = 'ClusterHealthModule';

/** @throws ClusterConfigError if it is not installed @internal */
export async function loadTerminus(): Promise<Terminus> {
  assertTerminus();
  return import('@nestjs/terminus');
}

/**
 * Checks that `@nestjs/terminus` is installed, without loading it, because a primary does not need it.
 *
 * @throws ClusterConfigError if it is not installed
 * @internal
 */
export function assertTerminus(): void {
  try {
    findPeer(load => load.resolve(PACKAGE));
  } catch (cause) {
    throw ClusterConfigError.missingPackage(MODULE, PACKAGE, cause, MODULE);
  }
}
