import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOnlyFor } from '../../system/process/is-only-for.js';
import { MAX_SOCKET_PATH_BYTES } from '../../system/process/socket-path.js';
import { privateSocketPath } from '../private-socket-path.js';

const ONLY_OWNER = 0o700;

/** The highest id of a worker that a session id can name. */
const LAST_WORKER = 999_999_999;

/**
 * The directory of the private sockets of a host. Only the user of the host can open it. It is created on first use,
 * and removed when the process ends.
 *
 * @internal
 */
export class PrivateDirectory {
  #path: string | undefined;

  /**
   * @param parents the directories in which it can be created, in order of preference
   * @param onExit calls the function when the process ends
   */
  constructor(
    private readonly parents: readonly string[] = [tmpdir(), '/tmp'],
    private readonly onExit: (remove: () => void) => unknown = remove =>
      process.once('exit', remove),
  ) {}

  /**
   * Returns its path, and creates it if it does not exist.
   *
   * @throws if it cannot be created
   */
  open(): string {
    if (this.#path === undefined) {
      this.#path = this.#create();
      this.onExit(() => this.remove());
    } else {
      // A program that cleans up temporary files may have removed it.
      createAgain(this.#path);
    }
    return this.#path;
  }

  /** Removes the socket that a worker has left. */
  removeSocketOf(worker: number): void {
    if (this.#path !== undefined) {
      attempt(privateSocketPath(this.#path, worker));
    }
  }

  remove(): void {
    if (this.#path !== undefined) {
      attempt(this.#path);
    }
  }

  #create(): string {
    const failures: unknown[] = [];
    for (const parent of this.parents.filter(isShortEnough)) {
      try {
        const path = mkdtempSync(join(parent, PREFIX));
        chmodSync(path, ONLY_OWNER);
        return path;
      } catch (error) {
        failures.push(error);
      }
    }
    throw new Error(
      `No directory for Unix sockets could be created in ${this.parents.join(' or ')}. ` +
        'Set TMPDIR to a directory that can be written to and whose path has at most 60 characters.',
      { cause: failures[0] },
    );
  }
}

/** @throws if somebody else has created it meanwhile */
function createAgain(path: string): void {
  try {
    mkdirSync(path, { mode: ONLY_OWNER });
  } catch (error) {
    if (!isOnlyFor(lstatSync(path), process.geteuid?.())) {
      throw new Error(`The directory ${path} belongs to another user, or others can open it.`, {
        cause: error,
      });
    }
  }
}

const PREFIX = 'nestjs-cluster-';

function isShortEnough(parent: string): boolean {
  const longest = privateSocketPath(join(parent, `${PREFIX}XXXXXX`), LAST_WORKER);
  return Buffer.byteLength(longest) <= MAX_SOCKET_PATH_BYTES;
}

/** Ignores a failure, because nothing depends on the removal. */
function attempt(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {}
}
