import { Server } from 'node:net';
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ListeningAddress } from '../../model/host-status.interface.js';
import { beforeListen } from '../../system/before-listen.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';

/** The parts of Node's TCP and pipe handles that are used here. */
interface ListeningHandle {
  onconnection(...args: unknown[]): unknown;
  close(...args: unknown[]): void;
  /** Writes its address into `address`. Pipes have no such method. */
  getsockname?(address: { address?: string; port?: number }): unknown;
}

/**
 * The sockets on which `node:cluster` listens for its workers under round-robin.
 *
 * When a host stops, its port must close before its workers stop taking accepted connections. Node does it the other
 * way round: when the last worker goes, it drops the connections that the primary has accepted and not yet handed
 * over. It has no API for the right order, so this class records the handles when they begin to listen. It
 * recognizes them because `node:cluster` takes the handle away from its own server at that moment. If that does not
 * happen, no handle is recorded, and a stop closes the port as Node does.
 *
 * https://github.com/nodejs/node/blob/main/lib/internal/cluster/round_robin_handle.js
 *
 * @internal
 */
export class ListeningSockets {
  /** The handles, with the paths of Unix sockets. */
  readonly #handles = new Map<ListeningHandle, string | undefined>();

  constructor(private readonly now: () => number = monotonicNow) {}

  /** Records every server that begins to listen in this process from now on. */
  observe(prototype: Pick<Server, 'listen'> = Server.prototype): void {
    beforeListen(server => this.#noteWhenListening(server), prototype);
  }

  /** Whether this process accepts connections to the address. */
  has(address: ListeningAddress): boolean {
    return this.#handleOf(address) !== undefined;
  }

  /**
   * Has a connection handed to a worker, as if it had just been accepted.
   *
   * @returns whether there is a socket for it
   */
  deliver(address: ListeningAddress, connection: object): boolean {
    const handle = this.#handleOf(address);
    handle?.onconnection(0, connection);
    return handle !== undefined;
  }

  /**
   * Closes the ports. Connections that were accepted before are still handed to the workers.
   *
   * @param timeout milliseconds after which the port closes even if its queue was never empty. It is a time and not
   *   a number of turns of the event loop, because a turn may take many milliseconds under load
   * @param beforeClose called with the path of each Unix socket, just before it closes
   */
  async close(timeout: number, beforeClose: (path: string) => void = () => {}): Promise<void> {
    await Promise.all(
      [...this.#handles].map(async ([handle, path]) => {
        await whenDrained(handle, timeout, this.now);
        if (path !== undefined) {
          beforeClose(path);
        }
        handle.close();
      }),
    );
    this.#handles.clear();
  }

  #handleOf({ address, port }: ListeningAddress): ListeningHandle | undefined {
    return [...this.#handles.keys()].find(handle => {
      const own: { address?: string; port?: number } = {};
      handle.getsockname?.(own);
      return port !== null && own.port === port && own.address === address;
    });
  }

  // oxlint-disable no-underscore-dangle -- Node's own name
  #noteWhenListening(server: Server & { _handle?: ListeningHandle | null }): void {
    server.prependOnceListener('listening', () => {
      const handle = server._handle;
      const address = server.address();
      const path = typeof address === 'string' ? resolve(address) : undefined;
      process.nextTick(() => {
        if (handle && server._handle === null) {
          this.#note(handle, path);
        }
      });
    });
  }
  // oxlint-enable no-underscore-dangle

  /** Keeps the handle until it is closed: `node:cluster` closes it when the last worker has closed its server. */
  #note(handle: ListeningHandle, path: string | undefined): void {
    const close = handle.close.bind(handle);
    this.#handles.set(handle, path);
    handle.close = (...args) => {
      this.#handles.delete(handle);
      close(...args);
    };
  }
}

/**
 * An empty turn counts as short if it took less than this share of the time since the search for one began: the longer
 * no short turn is found, the longer it may be.
 */
const SHORT_TURN_SHARE = 0.01;

/**
 * Resolves when the queue of a listening socket is empty: closing it resets the connections in the queue. The event loop
 * accepts one queued connection in each turn, so after a turn without one the queue was empty. A connection that has
 * arrived since then is reset, so the turn must also have been short: on a busy machine a turn may take many
 * milliseconds, in which every client connects again.
 */
async function whenDrained(
  handle: ListeningHandle,
  timeout: number,
  clock: () => number,
): Promise<void> {
  const begunAt = clock();
  const accept = handle.onconnection.bind(handle);
  let accepted = true;
  handle.onconnection = (...args) => {
    accepted = true;
    return accept(...args);
  };
  let turnAt: number;
  let now = begunAt;
  do {
    turnAt = now;
    accepted = false;
    await nextTurn();
    now = clock();
  } while (
    (accepted || now - turnAt > (now - begunAt) * SHORT_TURN_SHARE) &&
    now - begunAt < timeout
  );
}
