import { Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { monotonicNow } from '../../system/time/monotonic-now.js';

/** What of Node's TCP and pipe handles is needed here. */
interface ListeningHandle {
  onconnection(...args: unknown[]): unknown;
  close(...args: unknown[]): void;
}

/**
 * The sockets on which `node:cluster` listens for its workers under round-robin.
 *
 * When a host stops, its port must close before its workers stop to take what was accepted: Node
 * does it the other way round, and cuts the connections that the primary has accepted and not yet
 * handed over when the last worker goes. It has no way to ask for that, so the handles are noted when
 * they begin to listen. They are known by what `node:cluster` does to a server of its own in that
 * moment: it takes the handle away from it. Where that is not seen, nothing is noted, and a stop
 * closes the port as Node does.
 *
 * https://github.com/nodejs/node/blob/main/lib/internal/cluster/round_robin_handle.js
 *
 * @internal
 */
export class ListeningSockets {
  readonly #handles = new Set<ListeningHandle>();

  /** Notes what begins to listen in this process from now on. */
  observe(prototype: Pick<Server, 'listen'> = Server.prototype): void {
    // oxlint-disable-next-line typescript/unbound-method -- called with the server as `this` below
    const { listen } = prototype;
    const note = (server: Server): void => this.#noteWhenListening(server);
    prototype.listen = function (this: Server, ...args: unknown[]) {
      note(this);
      return listen.apply(this, args as Parameters<Server['listen']>);
    } as Server['listen'];
  }

  /**
   * Closes the port. What was accepted before is still handed to the workers.
   *
   * @param timeout milliseconds after which a port whose queue is never seen empty closes all the same. Under load
   * a turn of the event loop may take many milliseconds, so that it is no number of turns
   */
  async close(timeout: number): Promise<void> {
    await Promise.all([...this.#handles].map(handle => closeWhenDrained(handle, timeout)));
    this.#handles.clear();
  }

  // oxlint-disable no-underscore-dangle -- Node's own name
  #noteWhenListening(server: Server & { _handle?: ListeningHandle | null }): void {
    server.prependOnceListener('listening', () => {
      const handle = server._handle;
      process.nextTick(() => {
        if (handle && server._handle === null) {
          this.#note(handle);
        }
      });
    });
  }
  // oxlint-enable no-underscore-dangle

  /** Until it is closed, by whomever: `node:cluster` closes it when the last worker has closed its server. */
  #note(handle: ListeningHandle): void {
    const close = handle.close.bind(handle);
    this.#handles.add(handle);
    handle.close = (...args) => {
      this.#handles.delete(handle);
      close(...args);
    };
  }
}

/**
 * Closing resets what the kernel has queued for the socket. The event loop accepts one connection in
 * each turn, if there is one: after a turn without one, the queue is empty.
 */
async function closeWhenDrained(handle: ListeningHandle, timeout: number): Promise<void> {
  const deadline = monotonicNow() + timeout;
  const accept = handle.onconnection.bind(handle);
  let accepted = true;
  handle.onconnection = (...args) => {
    accepted = true;
    return accept(...args);
  };
  await nextTurn();
  while (accepted && monotonicNow() < deadline) {
    accepted = false;
    await nextTurn();
  }
  handle.close();
}
