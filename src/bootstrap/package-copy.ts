import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ModuleRef } from '@nestjs/core';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { PACKAGE_VERSION } from '../system/own-package.js';

/**
 * The property of the global object under which copies of this package register. The number changes when the format of
 * the entries changes.
 */
const REGISTRY = Symbol.for('nestjs-cluster/1');

/** A loaded copy of this package: one per directory and module format. @internal */
export interface PackageCopy {
  readonly version: string;
  /** The file that it was loaded from. */
  readonly file: string;
  /** A class of the Nest copy that it uses. A test runner that resets modules loads Nest and this package again. */
  readonly nest: unknown;
  /** Returns the exports of an entry point. */
  load(entry: string): object;
}

type Registry = Record<symbol, PackageCopy[] | undefined>;

/** @internal */
export class OwnCopy implements PackageCopy {
  readonly #entries = new Map<string, object>();

  constructor(
    readonly file: string,
    readonly version: string,
    readonly nest: unknown,
  ) {}

  load(entry: string): object {
    return this.#entries.get(entry) ?? this.#require(entry);
  }

  add(entry: string, exported: object): void {
    this.#entries.set(entry, exported);
  }

  #require(entry: string): object {
    const [ending] = /\.c?js$/.exec(this.file) ?? ['.js'];
    return createRequire(this.file)(`./${entry}${ending}`) as object;
  }
}

/**
 * Finds the first copy that works with the same Nest, and registers `own` if there is none. Classes are injection
 * tokens: all of an application must get them from one copy.
 *
 * @returns the first copy
 * @throws ClusterConfigError if its version differs, with both files
 * @internal
 */
export function registerCopy(own: PackageCopy, registry: Registry = globalThis): PackageCopy {
  const copies = (registry[REGISTRY] ??= []);
  const first = copies.find(({ nest }) => nest === own.nest);
  if (!first) {
    copies.push(own);
    return own;
  }
  if (first.version !== own.version) {
    throw ClusterConfigError.twoVersions(describe(first), describe(own));
  }
  return first;
}

function describe({ version, file }: PackageCopy): string {
  return `${version} from ${file}`;
}

/**
 * Returns the exports of an entry point of the first copy, for another copy.
 *
 * @param file the file of the other copy
 * @throws ClusterConfigError if the first copy is in a bundle without that entry point
 * @internal
 */
export function loadFrom(first: PackageCopy, entry: string, file: string): object {
  try {
    return first.load(entry);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isMissing = code === 'MODULE_NOT_FOUND' && message.includes(`'./${entry}.`);
    throw first.file === BUNDLE || isMissing
      ? ClusterConfigError.partlyBundled(entry, first.file, file, error)
      : error;
  }
}

/** Stands for the file of a CommonJS bundle of the application, in which `import.meta.url` is undefined. */
const BUNDLE = 'a bundle';

const url = import.meta.url as string | undefined;
const own = new OwnCopy(url ? fileURLToPath(url) : BUNDLE, PACKAGE_VERSION, ModuleRef);
const first = registerCopy(own);

/** Whether no other copy of this package was loaded before. @internal */
export const isFirstCopy = first === own;

/**
 * Returns the exports of an entry point of the first copy. The build wraps each entry point with it.
 *
 * @internal
 */
export function sharedEntry<Exports extends object>(entry: string, exported: Exports): Exports {
  own.add(entry, exported);
  return loadFrom(first, entry, own.file) as Exports;
}
