import { createRequire } from 'node:module';
import { ClusterConfigError } from '../../model/errors/cluster-config.error.js';

/** What this file is called in the package. In a bundle, another file has its code, and ioredis may be in it as well. */
const FILE = /\/resolve-ioredis\.[jt]s$/;

/**
 * Finds out whether ioredis is installed, without loading it.
 *
 * @throws ClusterConfigError if it is not
 * @internal
 */
export function resolveIoRedis(from: string = import.meta.url): void {
  if (!FILE.test(from)) {
    return;
  }
  try {
    createRequire(from).resolve('ioredis');
  } catch (cause) {
    throw ClusterConfigError.missingPackage('redis', 'ioredis', cause);
  }
}
