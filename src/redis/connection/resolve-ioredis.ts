import { createRequire } from 'node:module';
import { ClusterConfigError } from '../../model/errors/cluster-config.error.js';
import { OWN_CODE } from '../../system/own-package.js';

/**
 * Checks whether ioredis is installed, without loading it.
 *
 * @throws ClusterConfigError if ioredis is not installed
 * @internal
 */
export function resolveIoRedis(from = OWN_CODE): void {
  if (!from) {
    // In a bundle of the application, ioredis may be part of it.
    return;
  }
  try {
    createRequire(from).resolve('ioredis');
  } catch (cause) {
    throw ClusterConfigError.missingPackage('redis', 'ioredis', cause);
  }
}
