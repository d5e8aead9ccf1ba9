import { createRequire } from 'node:module';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { OWN_CODE } from '../system/own-package.js';

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
  if (!OWN_CODE) {
    // In a bundle of the application, Terminus may be part of it.
    return;
  }
  try {
    createRequire(OWN_CODE).resolve(PACKAGE);
  } catch (cause) {
    throw ClusterConfigError.missingPackage(MODULE, PACKAGE, cause, MODULE);
  }
}
