import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isStaleSocket } from '../../system/process/stale-socket.js';
import type { PortObserver } from './open-ports.js';
import { attempt, fileIdentity, SocketFile } from './socket-file.js';

/**
 * Matches the keys of Unix sockets in `node:cluster`: port and address type are -1. A number after that is a
 * descriptor, which somebody else has opened.
 */
const UNIX_SOCKET = /^(\/.*):-1:-1:(?!\d)/s;

/** The end of a second name, and of one with which links were tried. */
const SECOND_NAME_END = /^\d+(\.\d)?(\.link)?$/;

/**
 * The files of the Unix sockets on which this host listens.
 *
 * The primary opens a Unix socket once, for all workers. In two cases its file is wrong when a worker wants to
 * listen:
 *
 * - The file was left by a host that was killed, so listening would fail. It is removed if nobody answers there.
 * - The application removes the file before it listens, as many applications do. In the first worker that is
 *   correct. In any later worker it removes the file of the open socket, and new clients cannot find it. So the
 *   file has a second name, from which the primary restores the first: see `socket-file.ts`.
 *   Workers that are forked while the host listens do not remove the file at all: see `socket-file-guard.ts`.
 *
 * @internal
 */
export class SocketFiles implements PortObserver {
  readonly #files = new Map<string, SocketFile>();
  readonly #waiting = new Map<string, Promise<void>>();
  /** Names whose sockets may still be open, although another host has their paths. Node would bind nothing there. */
  readonly #lost = new Set<string>();

  /** The paths on which this host listens. */
  get paths(): readonly string[] {
    return [...this.#files.values()].filter(({ isOpen }) => isOpen).map(({ path }) => path);
  }

  /**
   * Repairs the file if needed, and has the primary listen. Calls for the same path run one after the other.
   *
   * @param listen opens the socket with the given name, unless it is open
   */
  prepare(path: string, listen: (bound: string) => void): void {
    const turn = this.#prepare(path, this.#waiting.get(path), listen);
    this.#waiting.set(path, turn);
    void turn.finally(() => this.#waiting.get(path) === turn && this.#waiting.delete(path));
  }

  opened(key: string): void {
    this.#fileOf(boundIn(key))?.opened();
  }

  closed(key: string): void {
    const bound = boundIn(key);
    if (bound !== undefined) {
      this.#lost.delete(bound);
      this.remove(bound);
    }
  }

  /** Removes the file of a socket that has closed, or is about to. */
  remove(bound: string): void {
    const file = this.#fileOf(bound);
    if (file) {
      this.#remove(file);
    }
  }

  /** Removes all files, because this process ends. */
  close(): void {
    [...this.#files.values()].forEach(file => this.#remove(file));
  }

  async #prepare(
    path: string,
    before: Promise<void> | undefined,
    listen: (bound: string) => void,
  ): Promise<void> {
    await before;
    const open = this.#files.get(path);
    const created = open ? undefined : await this.#create(path);
    if (open) {
      open.reopen(listen);
    } else {
      listen(created?.bound ?? path);
    }
    // Node opens the socket in this turn of the event loop, or reports an error. It must not be asked again before.
    await nextTurn();
    if (created && (!created.isOpen || created.isReplaced)) {
      // It could not be opened, or another host was faster: the next worker gets the error.
      if (created.isOpen) {
        this.#lost.add(created.bound);
      }
      this.#remove(created);
    }
  }

  /** Returns `undefined` if somebody else listens there, or it is no socket: the worker gets the error. */
  async #create(path: string): Promise<SocketFile | undefined> {
    await removeIfStale(path);
    if (fileIdentity(path) !== undefined) {
      return undefined;
    }
    const file = new SocketFile(path, this.#lost);
    this.#files.set(path, file);
    return file;
  }

  #fileOf(bound: string | undefined): SocketFile | undefined {
    return [...this.#files.values()].find(file => file.bound === bound);
  }

  #remove(file: SocketFile): void {
    if (this.#files.get(file.path) === file) {
      this.#files.delete(file.path);
    }
    file.remove();
  }
}

function boundIn(key: string): string | undefined {
  return UNIX_SOCKET.exec(key)?.[1];
}

/** Removes the file of a socket if no process listens on it, and the second names that ended hosts have left. */
async function removeIfStale(path: string): Promise<void> {
  const directory = dirname(path);
  const prefix = `.${basename(path)}.`;
  let names: string[] = [];
  attempt(() => {
    names = readdirSync(directory)
      .filter(each => each.startsWith(prefix) && SECOND_NAME_END.test(each.slice(prefix.length)))
      .map(each => join(directory, each));
  });
  for (const file of [...names, path]) {
    if (isSocket(file) && (await isStaleSocket(file))) {
      attempt(() => rmSync(file, { force: true }));
    }
  }
}

function isSocket(path: string): boolean {
  try {
    return lstatSync(path).isSocket();
  } catch {
    return false;
  }
}
