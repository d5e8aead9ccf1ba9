import { createRequire } from 'node:module';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';

/** What `@nestjs/terminus` exports. @internal */
export type Terminus = typeof import('@nestjs/terminus');

const PACKAGE = '@nestjs/terminus';

const MODULE = 'ClusterHealthModule';

/** @throws ClusterConfigError if it is not installed @internal */
export async function loadTerminus(): Promise<Terminus> {
  assertTerminus();
  return import('@nestjs/terminus');
}

/**
 * Loads nothing: a primary has no use for it.
 *
 * @throws ClusterConfigError if it is not installed
 * @internal
 */
export function assertTerminus(): void {
  try {
    createRequire(import.meta.url).resolve(PACKAGE);
  } catch (cause) {
    throw ClusterConfigError.missingPackage(MODULE, PACKAGE, cause, MODULE);
  }
}
