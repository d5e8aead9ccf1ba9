import { createServer, type Server, type Socket } from 'node:net';
import { deferred } from '../../system/async/deferred.js';
import type { ControlHello, StopResult } from '../control-messages.js';
import { refusal } from '../control-text.js';
import { ControlConnection } from './control-connection.js';
import type { ControlledHost } from './controlled-host.interface.js';

/** The maximum number of connections. */
const MAX_CONNECTIONS = 64;

/**
 * The server of the control socket.
 *
 * @internal
 */
export class ControlServer {
  readonly server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #stopped = deferred<StopResult>();

  constructor(
    private readonly host: ControlledHost,
    private readonly hello: ControlHello,
  ) {
    // A client that has sent its last request still reads the replies.
    this.server = createServer({ allowHalfOpen: true }, socket => this.#accept(socket));
    // It does not keep the process running.
    this.server.unref();
  }

  /** The number of open connections. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Tells clients that wait for the stop that the host exits, and closes the server and all connections. */
  async close(exitCode: number): Promise<void> {
    this.server.close();
    this.#stopped.resolve({ exitCode });
    // The replies are written in the turns that follow.
    await this.#stopped.promise;
    await new Promise(resolve => setImmediate(resolve));
    this.#sockets.forEach(socket => socket.destroy());
  }

  #accept(socket: Socket): void {
    socket.unref();
    // Otherwise it would be thrown.
    socket.on('error', () => {});
    if (this.#sockets.size >= MAX_CONNECTIONS) {
      const reply = JSON.stringify(refusal('CONTROL_TOO_MANY_CONNECTIONS'));
      socket.end(`${reply}\n`, () => socket.destroy());
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const { host, hello } = this;
    void new ControlConnection(socket, { host, hello, stopped: this.#stopped.promise });
  }
}
