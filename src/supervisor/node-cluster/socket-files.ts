import { linkSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isStaleSocket } from '../../system/process/stale-socket.js';
import type { PortObserver } from './open-ports.js';

/**
 * Matches the keys of Unix sockets in `node:cluster`: port and address type are -1. A number after that is a
 * descriptor, which somebody else has opened.
 */
const UNIX_SOCKET = /^(\/.*):-1:-1:(?!\d)/s;

/**
 * The files of the Unix sockets on which this host listens.
 *
 * The primary opens a Unix socket once, for all workers. In two cases its file is wrong when a worker wants to
 * listen:
 *
 * - The file was left by a host that was killed, so listening would fail. It is removed if nobody answers there.
 * - The application removes the file before it listens, as many applications do. In the first worker that is
 *   correct. In any later worker it removes the file of the open socket, and new clients cannot find it. So the
 *   primary keeps a second name of the file (a hard link, `.<name>.<pid>` beside it), and restores the file from it.
 *   Workers that are forked while the host listens do not remove the file at all: see `socket-file-guard.ts`.
 *
 * @internal
 */
export class SocketFiles implements PortObserver {
  /** The hard link of each file. */
  readonly #links = new Map<string, string>();
  readonly #waiting = new Map<string, Promise<void>>();

  /** The paths on which this host listens. */
  get paths(): readonly string[] {
    return [...this.#links.keys()];
  }

  /** Repairs the file if needed, then runs `listen`. Calls for the same path run one after the other. */
  prepare(path: string, listen: () => void): void {
    const turn = this.#prepare(path, this.#waiting.get(path), listen);
    this.#waiting.set(path, turn);
    void turn.finally(() => this.#waiting.get(path) === turn && this.#waiting.delete(path));
  }

  opened(key: string): void {
    const path = UNIX_SOCKET.exec(key)?.[1];
    if (path !== undefined) {
      const link = linkOf(path, process.pid);
      this.#links.set(path, link);
      attempt(() => {
        rmSync(link, { force: true });
        linkSync(path, link);
      });
    }
  }

  closed(key: string): void {
    const path = UNIX_SOCKET.exec(key)?.[1];
    const link = path === undefined ? undefined : this.#links.get(path);
    if (path !== undefined && link !== undefined) {
      this.#links.delete(path);
      attempt(() => rmSync(link, { force: true }));
    }
  }

  /** Removes all hard links, because this process ends. */
  close(): void {
    this.#links.forEach(link => attempt(() => rmSync(link, { force: true })));
    this.#links.clear();
  }

  async #prepare(
    path: string,
    before: Promise<void> | undefined,
    listen: () => void,
  ): Promise<void> {
    await before;
    if (this.#links.has(path)) {
      this.#putBack(path);
    } else {
      await removeIfStale(path);
    }
    listen();
  }

  #putBack(path: string): void {
    attempt(() => {
      if (!isThere(path)) {
        linkSync(this.#links.get(path)!, path);
      }
    });
  }
}

function linkOf(path: string, pid: number): string {
  return join(dirname(path), `.${basename(path)}.${pid}`);
}

/** Removes the file of a socket on which nobody listens, and hard links of hosts that have ended. */
async function removeIfStale(path: string): Promise<void> {
  const prefix = `.${basename(path)}.`;
  let links: string[] = [];
  attempt(() => {
    links = readdirSync(dirname(path))
      .filter(name => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
      .map(name => join(dirname(path), name));
  });
  for (const file of [...links, path]) {
    if (isSocket(file) && (await isStaleSocket(file))) {
      attempt(() => rmSync(file, { force: true }));
    }
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
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
