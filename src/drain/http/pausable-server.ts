import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';

type Listen = (...args: unknown[]) => unknown;

/**
 * A server that may take no new connections for a while, and then take them again, without any of its
 * connections noticing. Under `node:cluster`, others listen on the same port meanwhile: whoever does not
 * listen gets none.
 *
 * Node has no way to pause a server. To close its socket and to listen once more is one, as long as nobody
 * hears of it: what is stacked on a server, as Socket.IO is, takes its 'close' for the end.
 *
 * @internal
 */
export class PausableServer {
  #listenedWith: readonly unknown[] | undefined;
  /** What the server is to do again when it is open; nothing as long as it is. */
  #emit: Server['emit'] | undefined;
  /** What it does meanwhile. */
  #muted: Server['emit'] | undefined;

  constructor(private readonly server: Server) {
    const listen = server.listen.bind(server) as Listen;
    server.listen = ((...args: unknown[]) => {
      // Its callback is called once.
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
    // oxlint-disable-next-line typescript/unbound-method -- put back as it was
    this.#emit = server.emit;
    this.#muted = (event: string, ...args: unknown[]) =>
      event === 'close' ? true : emit(event, ...args);
    server.emit = this.#muted;
    NetServer.prototype.close.call(server);
  }

  /**
   * Resolves when it listens.
   *
   * @throws why it cannot listen; it is closed then, as before
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
    // Should somebody let go of it meanwhile, an error still has a listener, without which it would end the process.
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

  /** The server stays as it is, and what happens to it is heard again. */
  release(): void {
    if (this.#emit) {
      this.server.emit = this.#emit;
      this.#emit = undefined;
      this.#muted = undefined;
    }
  }
}
