import { linkSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MAX_SOCKET_PATH_BYTES } from '../../system/process/socket-path.js';
import { isStaleSocket } from '../../system/process/stale-socket.js';

/**
 * Matches the keys of Unix sockets in `node:cluster`: port and address type are -1. A number after that is a
 * descriptor, which somebody else has opened.
 */
const UNIX_SOCKET = /^(\/.*):-1:-1:(?!\d)/s;

/** An open socket. Its file has two names, so that it can be restored if the application removes one. */
interface SocketFile {
  /** The name to which the socket is bound: usually {@link secondName}. */
  readonly bound: string;
  /** Device and inode: another host may have created a file of the same name. */
  readonly identity: string;
}

/**
 * The files of the Unix sockets on which this host listens.
 *
 * The primary opens a Unix socket once, for all workers. In two cases its file is wrong when a worker wants to
 * listen:
 *
 * - The file was left by a host that was killed, so listening would fail. It is removed if nobody answers there.
 * - The application removes the file before it listens, as many applications do. In the first worker that is
 *   correct. In any later worker it removes the file of the open socket, and new clients cannot find it. So the
 *   file has a second name (a hard link, `.<name>.<pid>` beside it), from which the primary restores the first.
 *   Workers that are forked while the host listens do not remove the file at all: see `socket-file-guard.ts`.
 *
 * The socket is bound to the second name, and the first is linked: otherwise a worker could remove the only name before
 * there is a second.
 *
 * @internal
 */
export class SocketFiles {
  readonly #open = new Map<string, SocketFile>();
  readonly #waiting = new Map<string, Promise<void>>();

  /** The paths on which this host listens. */
  get paths(): readonly string[] {
    return [...this.#open.keys()];
  }

  /**
   * Repairs the file if needed, before and after `listen`. Calls for the same path run one after the other.
   *
   * @param listen binds the socket to the given path, if it is not open yet, before it returns
   */
  prepare(path: string, listen: (bound: string) => void): void {
    const turn = this.#prepare(path, this.#waiting.get(path), listen);
    this.#waiting.set(path, turn);
    void turn.finally(() => this.#waiting.get(path) === turn && this.#waiting.delete(path));
  }

  /** Removes the file of a socket that has been closed, by its key in `node:cluster`. */
  closed(key: string): void {
    const bound = UNIX_SOCKET.exec(key)?.[1];
    for (const [path, file] of this.#open) {
      if (file.bound === bound) {
        this.#open.delete(path);
        remove(path, file);
      }
    }
  }

  /** Removes all files, because this process ends. */
  close(): void {
    this.#open.forEach((file, path) => remove(path, file));
    this.#open.clear();
  }

  async #prepare(
    path: string,
    before: Promise<void> | undefined,
    listen: (bound: string) => void,
  ): Promise<void> {
    await before;
    const open = this.#open.get(path);
    if (!open) {
      await removeIfStale(path);
      if (isThere(path)) {
        // Somebody else listens there, or it is no socket: the worker gets the error.
        return listen(path);
      }
    }
    const bound = open?.bound ?? nameToBind(path);
    listen(bound);
    const identity = identityOf(bound) ?? open?.identity;
    if (identity !== undefined) {
      this.#open.set(path, { bound, identity });
      restore(path);
    }
  }
}

function secondName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}`);
}

/** Returns the second name, unless it is too long for a socket, or another container uses it. */
function nameToBind(path: string): string {
  const second = secondName(path);
  return Buffer.byteLength(second) > MAX_SOCKET_PATH_BYTES || isThere(second) ? path : second;
}

/** Gives the file both names again. */
function restore(path: string): void {
  const second = secondName(path);
  if (isThere(path)) {
    attempt(() => linkSync(path, second));
    return;
  }
  try {
    linkSync(second, path);
  } catch {
    // The file system has no hard links.
    attempt(() => renameSync(second, path));
  }
}

function remove(path: string, { identity }: SocketFile): void {
  for (const name of [path, secondName(path)]) {
    if (identityOf(name) === identity) {
      attempt(() => rmSync(name, { force: true }));
    }
  }
}

/** Removes the file of a socket on which nobody listens, and second names of hosts that have ended. */
async function removeIfStale(path: string): Promise<void> {
  const prefix = `.${basename(path)}.`;
  let names: string[] = [];
  attempt(() => {
    names = readdirSync(dirname(path))
      .filter(name => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
      .map(name => join(dirname(path), name));
  });
  for (const file of [...names, path]) {
    if (isSocket(file) && (await isStaleSocket(file))) {
      attempt(() => rmSync(file, { force: true }));
    }
  }
}

function isThere(path: string): boolean {
  return identityOf(path) !== undefined;
}

function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = lstatSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function isSocket(path: string): boolean {
  try {
    return lstatSync(path).isSocket();
  } catch {
    return false;
  }
}

/** Ignores errors: a failed repair leaves things as they were, and listening reports the error that matters. */
function attempt(change: () => void): void {
  try {
    change();
  } catch {
    // See above.
  }
}
