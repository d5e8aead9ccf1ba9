import { linkSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { MAX_SOCKET_PATH_BYTES } from '../../system/process/socket-path.js';
import { isStaleSocket } from '../../system/process/stale-socket.js';
import type { PortObserver } from './open-ports.js';

/**
 * Matches the keys of Unix sockets in `node:cluster`: port and address type are -1. A number after that is a
 * descriptor, which somebody else has opened.
 */
const UNIX_SOCKET = /^(\/.*):-1:-1:(?!\d)/s;

/** The file of a socket, which has two names: if the application removes the first, it is restored from the second. */
interface SocketFile {
  readonly path: string;
  /** The second name; `undefined` if there can be none. */
  readonly second: string | undefined;
  /** The name to which the socket is bound. The other one is a hard link. */
  readonly bound: string;
  /** Device and inode, once the socket is bound: a file of the same name may belong to another host. */
  identity: string | undefined;
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
 *   file has a second name, `.<name>.<pid>` beside it, from which the primary restores the first.
 *   Workers that are forked while the host listens do not remove the file at all: see `socket-file-guard.ts`.
 *
 * The socket is bound to the second name, and the first is a hard link: otherwise a worker could remove the only name
 * before there is another one. The link exists before the worker learns that it listens.
 *
 * @internal
 */
export class SocketFiles implements PortObserver {
  readonly #open = new Map<string, SocketFile>();
  readonly #waiting = new Map<string, Promise<void>>();

  /** The paths on which this host listens. */
  get paths(): readonly string[] {
    return [...this.#open.values()].filter(isBound).map(({ path }) => path);
  }

  /**
   * Repairs the file if needed, and has the primary listen. Calls for the same path run one after the other.
   *
   * @param listen binds the socket to the given name before it returns, unless it is bound already
   */
  prepare(path: string, listen: (bound: string) => void): void {
    const turn = this.#prepare(path, this.#waiting.get(path), listen);
    this.#waiting.set(path, turn);
    void turn.finally(() => this.#waiting.get(path) === turn && this.#waiting.delete(path));
  }

  opened(key: string): void {
    const file = this.#fileOf(key);
    if (file) {
      settle(file);
    }
  }

  closed(key: string): void {
    const file = this.#fileOf(key);
    if (file) {
      this.#open.delete(file.path);
      remove(file);
    }
  }

  /** Removes all files, because this process ends. */
  close(): void {
    this.#open.forEach(remove);
    this.#open.clear();
  }

  async #prepare(
    path: string,
    before: Promise<void> | undefined,
    listen: (bound: string) => void,
  ): Promise<void> {
    await before;
    const open = this.#open.get(path);
    if (open) {
      listen(open.bound);
      settle(open);
      return;
    }
    await removeIfStale(path);
    if (identityOf(path) !== undefined) {
      // Somebody else listens there, or it is no socket: the worker gets the error.
      listen(path);
      return;
    }
    const file = newFile(path);
    this.#open.set(path, file);
    listen(file.bound);
    settle(file);
    if (file.identity === undefined || identityOf(path) !== file.identity) {
      // It could not be bound, or another host was faster: the next worker gets the error.
      this.#open.delete(path);
    }
  }

  #fileOf(key: string): SocketFile | undefined {
    const bound = UNIX_SOCKET.exec(key)?.[1];
    return [...this.#open.values()].find(file => file.bound === bound);
  }
}

function newFile(path: string): SocketFile {
  const second = secondName(path);
  const bound = second !== undefined && canBind(second) ? second : path;
  return { path, second, bound, identity: undefined };
}

/** Returns a name that nobody uses. In containers that share a directory, the primaries may have the same process id. */
function secondName(path: string): string | undefined {
  const name = join(dirname(path), `.${basename(path)}.${process.pid}`);
  return [name, `${name}.1`, `${name}.2`].find(each => identityOf(each) === undefined);
}

/** Tries it: the name may be too long for a socket, or a security module may allow only certain names. */
function canBind(name: string): boolean {
  if (Buffer.byteLength(name) > MAX_SOCKET_PATH_BYTES) {
    return false;
  }
  const server = createServer()
    .on('error', () => {})
    .listen(name);
  const isAllowed = isSocket(name);
  // Removes the file.
  server.close();
  return isAllowed;
}

function isBound({ identity }: SocketFile): boolean {
  return identity !== undefined;
}

/** Gives the file of a bound socket both names. Names that belong to somebody else stay as they are. */
function settle(file: SocketFile): void {
  const { path, second, bound, identity: former } = file;
  // Node binds the socket again if all workers have gone in the meantime. Only this host uses the second name.
  if (former === undefined || bound === second) {
    file.identity = identityOf(bound) ?? former;
  }
  if (former !== undefined && former !== file.identity && identityOf(path) === former) {
    attempt(() => rmSync(path));
  }
  if (second !== undefined && file.identity !== undefined) {
    const [from, to] = identityOf(path) === file.identity ? [path, second] : [second, path];
    if (identityOf(from) === file.identity && identityOf(to) === undefined) {
      linkOrMove(from, to, path);
    }
  }
}

/** Without hard links, which some file systems do not have, there is only the first name. */
function linkOrMove(from: string, to: string, path: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (to === path && (error as NodeJS.ErrnoException).code !== 'EEXIST') {
      attempt(() => renameSync(from, to));
    }
  }
}

function remove({ path, second, identity }: SocketFile): void {
  for (const name of second === undefined ? [path] : [path, second]) {
    if (identity !== undefined && identityOf(name) === identity) {
      attempt(() => rmSync(name));
    }
  }
}

/** Removes the file of a socket on which nobody listens, and second names of hosts that have ended. */
async function removeIfStale(path: string): Promise<void> {
  const prefix = `.${basename(path)}.`;
  let names: string[] = [];
  attempt(() => {
    names = readdirSync(dirname(path))
      .filter(name => name.startsWith(prefix) && /^\d+(\.\d)?$/.test(name.slice(prefix.length)))
      .map(name => join(dirname(path), name));
  });
  for (const file of [...names, path]) {
    if (isSocket(file) && (await isStaleSocket(file))) {
      attempt(() => rmSync(file, { force: true }));
    }
  }
}

function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = lstatSync(path, { bigint: true });
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
