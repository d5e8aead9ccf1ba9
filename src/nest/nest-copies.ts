import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative } from 'node:path';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';

/** Matches the directory of the package in the path of one of its files. */
const PACKAGE = /^.*[\\/]@nestjs[\\/]core(?=[\\/])/;

/** A property of the class that reads the modules of an application; bundlers do not rename it. */
const CODE_OF_NEST = 'moduleOpaqueKeyFactory';

/**
 * Checks that the application and this package use the same copy of `@nestjs/core`. With different copies, this
 * package could not observe the application, and would not drain it.
 *
 * @param reader the file that has read a module of this package: Nest's own, or a bundle that contains it
 * @throws ClusterConfigError with both paths if the copies differ
 * @internal
 */
export function assertOneCore(reader: string | undefined): void {
  const ours = ownCore();
  const theirs = reader === undefined ? undefined : coreIn(reader);
  if (ours !== undefined && theirs !== undefined && theirs !== ours) {
    throw twoCores(reader);
  }
}

/**
 * Returns the error for two copies of `@nestjs/core`.
 *
 * @param reader the file that uses the other copy, if known
 * @internal
 */
export function twoCores(reader: string | undefined): ClusterConfigError {
  const theirs = reader === undefined ? 'another copy' : (coreIn(reader) ?? bundledInto(reader));
  return ClusterConfigError.twoCopies('@nestjs/core', theirs, ownCore() ?? 'a copy of its own');
}

function coreIn(file: string): string | undefined {
  const [directory] = PACKAGE.exec(file) ?? [];
  if (directory !== undefined) {
    return realPath(directory);
  }
  try {
    return readFileSync(file, 'utf8').includes(CODE_OF_NEST) ? bundledInto(file) : undefined;
  } catch {
    return undefined;
  }
}

function bundledInto(file: string): string {
  return `a copy bundled into ${relative(process.cwd(), file)}`;
}

function ownCore(): string | undefined {
  try {
    const [directory] = PACKAGE.exec(createRequire(import.meta.url).resolve('@nestjs/core')) ?? [];
    return directory === undefined ? undefined : realPath(directory);
  } catch {
    // Bundled together with Nest.
    return undefined;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
