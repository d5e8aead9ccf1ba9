import { linkSync, lstatSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { MAX_SOCKET_PATH_BYTES } from '../../system/process/socket-path.js';

/**
 * The file of a Unix socket. It has two names, so that it can be restored when the application removes the first: the path
 * of the application, and `.<name>.<pid>` beside it.
 *
 * The socket is bound to the second name, and the first is a hard link: otherwise a worker could remove the only name
 * before there is another one. If there can be no such name or no hard link, the socket is bound to the path.
 *
 * A name that belongs to somebody else stays as it is.
 *
 * @internal
 */
export class SocketFile {
  /** The name to which the socket is bound. */
  readonly bound: string;
  readonly #second: string | undefined;
  /** The file of the socket, once the socket is open. */
  #identity: string | undefined;

  /** @param used second names that must not be used */
  constructor(
    readonly path: string,
    used: ReadonlySet<string>,
  ) {
    this.#second = unusedName(path, used);
    this.bound = this.#second !== undefined && isUsable(this.#second) ? this.#second : path;
  }

  get isOpen(): boolean {
    return this.#identity !== undefined;
  }

  /** Whether another host has the path now. */
  get isReplaced(): boolean {
    const there = fileIdentity(this.path);
    return there !== undefined && there !== this.#identity;
  }

  /** Has Node use the open socket for another worker, and restores the names. */
  reopen(listen: (bound: string) => void): void {
    const former = this.#identity;
    const isMissing = fileIdentity(this.bound) === undefined;
    listen(this.bound);
    // Either the name was removed, or Node had closed the socket, and has bound it again.
    const bound = isMissing ? fileIdentity(this.bound) : undefined;
    this.#identity = bound ?? former;
    this.#restore(bound === undefined ? undefined : former);
  }

  /** Called when the socket is open, before the worker learns it. */
  opened(): void {
    this.#identity ??= fileIdentity(this.bound);
    this.#restore();
  }

  /** Removes both names. */
  remove(): void {
    for (const name of this.#second === undefined ? [this.path] : [this.path, this.#second]) {
      const there = fileIdentity(name);
      if (there !== undefined && there === this.#identity) {
        attempt(() => rmSync(name));
      }
    }
  }

  /**
   * Restores the name that is missing. At most one of the two links is made: the other name does not belong to the socket.
   *
   * @param dead the file of a closed socket, which is replaced
   */
  #restore(dead?: string): void {
    const second = this.#second;
    if (second !== undefined) {
      this.#link(second, this.path, dead);
      this.#link(this.path, second, dead);
    }
  }

  #link(from: string, to: string, dead: string | undefined): void {
    if (this.#identity === undefined || fileIdentity(from) !== this.#identity) {
      return;
    }
    const there = fileIdentity(to);
    if (there === undefined) {
      attempt(() => linkSync(from, to));
    } else if (there === dead) {
      attempt(() => {
        rmSync(to);
        linkSync(from, to);
      });
    }
  }
}

/** Returns an unused second name. Two primaries have the same process id if their containers share the directory. */
function unusedName(path: string, used: ReadonlySet<string>): string | undefined {
  const second = join(dirname(path), `.${basename(path)}.${process.pid}`);
  return [second, `${second}.1`, `${second}.2`].find(
    each => !used.has(each) && fileIdentity(each) === undefined,
  );
}

/**
 * Whether a socket can be bound to the name, and linked. It is tried: the name may be too long for a socket, a security
 * module may not allow it, or the file system may have no hard links, or make copies instead.
 */
function isUsable(name: string): boolean {
  if (Buffer.byteLength(name) > MAX_SOCKET_PATH_BYTES) {
    return false;
  }
  const other = `${name}.link`;
  const server = createServer()
    .on('error', () => {})
    .listen(name);
  try {
    linkSync(name, other);
    const isSame = fileIdentity(other) === fileIdentity(name);
    rmSync(other);
    return isSame;
  } catch {
    return false;
  } finally {
    // Removes the name.
    server.close();
  }
}

/** Returns device and inode of a file; `undefined` if there is none. @internal */
export function fileIdentity(path: string): string | undefined {
  try {
    const { dev, ino } = lstatSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** Ignores errors: a failed repair leaves things as they were, and listening reports the error that matters. @internal */
export function attempt(change: () => void): void {
  try {
    change();
  } catch {
    // See above.
  }
}
