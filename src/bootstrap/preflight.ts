import { ClusterConfigError, givenAt } from '../model/errors/cluster-config.error.js';
import { findPeer } from '../system/find-peer.js';
import { userFrames } from '../system/text/user-frames.js';
import { assertNode } from './assert-node.js';

const checks = new Set<() => void>();

/**
 * Registers a check that runs before any worker is forked: if it fails, every worker would fail.
 *
 * @internal
 */
export function checkBeforeFork(check: () => void): void {
  checks.add(check);
}

/**
 * Registers a check of a module that is being imported.
 *
 * @returns the check. Its errors name the place in the application that calls `forRoot()`
 * @internal
 */
export function checkModule(check: () => void): () => void {
  const frames = userFrames();
  const checkAtPlace = (): void => givenAt(frames, check);
  checkBeforeFork(checkAtPlace);
  return checkAtPlace;
}

/**
 * Checks that the runtime can have workers, and runs the registered checks.
 *
 * @throws the error of the first check that fails
 * @internal
 */
export function preflight(): void {
  assertNode();
  checks.forEach(check => check());
}

/**
 * Checks that the package of an optional module is installed, without loading it, because a primary does not need it.
 *
 * @param module the class that needs it
 * @throws ClusterConfigError if it is not installed
 * @internal
 */
export function assertPackage(module: string, name: string): void {
  try {
    findPeer(load => load.resolve(name));
  } catch (cause) {
    throw ClusterConfigError.missingPackage(module, name, cause, module);
  }
}
