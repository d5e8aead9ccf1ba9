import { linkSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, dirname, join } from 'node:path';
import type { PortObserver } from './open-ports.js';

/** Milliseconds within which whoever listens on a Unix socket accepts a connection, or is not asked again. */
const PROBE_MILLISECONDS = 1_000;

/** How `node:cluster` marks a Unix socket in the key of what is listened on: a port and a type of address of -1. */
const UNIX_SOCKET = /^(\/.*):-1:-1:/s;

/**
 * The files of the Unix sockets on which this host listens.
 *
 * The primary opens a Unix socket once, for all workers. There are two cases in which its file is not what it should
 * be when a worker wants to listen:
 *
 * - It is left of a host that was killed. Then listening would fail. It is removed if nobody answers there.
 * - An application has removed it before it listens, as many do. In the first worker that is what is wanted; in any later
 *   one it is the file of the socket on which the host listens, and new clients would not find it. So the primary
 *   keeps a second name of the file (a hard link, `.<name>.<pid>` beside it), by which it is put back. Workers
 *   that are forked when the host listens already do not remove it at all: see `socket-file-guard.ts`.
 *
 * @internal
 */
export class SocketFiles implements PortObserver {
  /** The second name of each file. */
  readonly #links = new Map<string, string>();
  readonly #waiting = new Map<string, Promise<void>>();

  /** Where this host listens. */
  get paths(): readonly string[] {
    return [...this.#links.keys()];
  }

  /** Runs `listen` when the file is as it should be; for one path, one after the other. */
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

  /** Removes all second names: this process ends. */
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

/** Removes the file of a socket on which nobody listens, and the second names that hosts have left which are gone. */
async function removeIfStale(path: string): Promise<void> {
  const prefix = `.${basename(path)}.`;
  let links: string[] = [];
  attempt(() => {
    links = readdirSync(dirname(path))
      .filter(name => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
      .map(name => join(dirname(path), name));
  });
  for (const file of [...links, path]) {
    if (isSocket(file) && (await isRefused(file))) {
      attempt(() => rmSync(file, { force: true }));
    }
  }
}

/** Whether the system says that nobody listens. Who does not answer in time, or may not be asked, may well be there. */
function isRefused(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ path });
    const finish = (refused: boolean): void => {
      socket.destroy();
      resolve(refused);
    };
    socket.setTimeout(PROBE_MILLISECONDS, () => finish(false));
    socket.once('connect', () => finish(false));
    socket.once('error', (error: NodeJS.ErrnoException) => finish(error.code === 'ECONNREFUSED'));
  });
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

/** What does not work here is no worse than without it: the error that matters comes when somebody listens. */
function attempt(change: () => void): void {
  try {
    change();
  } catch {
    // See above.
  }
}
