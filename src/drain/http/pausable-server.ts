import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';

type Listen = (...args: unknown[]) => unknown;

/**
 * A server that can stop accepting connections and start again, without an effect on its open connections. Under
 * `node:cluster`, other workers listen on the same port meanwhile.
 *
 * Node cannot pause a server. Closing its socket and listening again has the same effect if nobody is told:
 * libraries on top of a server, such as Socket.IO, take its 'close' event for the end. So events are suppressed
 * meanwhile.
 *
 * @internal
 */
export class PausableServer {
  #listenedWith: readonly unknown[] | undefined;
  /** The original `emit()`, to be restored when the server is open; `undefined` while it is. */
  #emit: Server['emit'] | undefined;
  /** The `emit()` that suppresses events. */
  #muted: Server['emit'] | undefined;

  constructor(private readonly server: Server) {
    const listen = server.listen.bind(server) as Listen;
    server.listen = ((...args: unknown[]) => {
      // The callback must be called only once.
      this.#listenedWith = args.filter(argument => typeof argument !== 'function');
      return listen(...args);
    }) as Server['listen'];
  }

  close(): void {
    const { server } = this;
    if (this.#emit || !server.listening || !this.#listenedWith) {
      return;
    }
    const emit = server.emit.bind(server);
    // oxlint-disable-next-line typescript/unbound-method -- restored unchanged
    this.#emit = server.emit;
    this.#muted = (event: string, ...args: unknown[]) =>
      event === 'close' ? true : emit(event, ...args);
    server.emit = this.#muted;
    NetServer.prototype.close.call(server);
  }

  /**
   * Resolves when the server listens.
   *
   * @throws why it cannot listen; it then stays closed
   */
  async open(): Promise<void> {
    const { server } = this;
    const muted = this.#muted;
    if (!muted) {
      return;
    }
    let resolve!: () => void;
    let reject!: (error: Error) => void;
    const listens = new Promise<void>((...settle) => ([resolve, reject] = settle));
    // If `release()` is called meanwhile, an error still has a listener; without one it would end the process.
    server.once('error', reject);
    server.once('listening', resolve);
    server.emit = (event: string, ...args: unknown[]) => {
      if (event === 'error') {
        reject(args[0] as Error);
        return true;
      }
      if (event === 'listening') {
        this.release();
        return server.emit(event, ...args);
      }
      return muted(event, ...args);
    };
    try {
      (server.listen as Listen)(...this.#listenedWith!);
      await listens;
    } catch (error) {
      if (this.#emit) {
        server.emit = muted;
      }
      throw error;
    } finally {
      server.off('error', reject);
      server.off('listening', resolve);
    }
  }

  /** Stops controlling the server, in its present state; its events are emitted again. */
  release(): void {
    if (this.#emit) {
      this.server.emit = this.#emit;
      this.#emit = undefined;
      this.#muted = undefined;
    }
  }
}
