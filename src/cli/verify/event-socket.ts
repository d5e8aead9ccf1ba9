import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LifecycleReport } from './lifecycle-event.interface.js';

/**
 * A Unix socket, in a directory of its own, to which the application's primary reports its events.
 *
 * @internal
 */
export class EventSocket {
  static async open(): Promise<EventSocket> {
    const directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-verify-'));
    const socket = new EventSocket(directory);
    socket.#server.listen(socket.path);
    await once(socket.#server, 'listening');
    return socket;
  }

  /** Called with each report. */
  onReport: (report: LifecycleReport) => void = () => {};
  readonly #server = createServer(connection => this.#onConnection(connection));
  readonly #connections = new Set<Socket>();

  private constructor(private readonly directory: string) {}

  get path(): string {
    return join(this.directory, 'events');
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#connections.forEach(socket => socket.destroy());
    await rm(this.directory, { recursive: true, force: true });
  }

  #onConnection(connection: Socket): void {
    this.#connections.add(connection);
    connection.on('error', () => {});
    connection.on('close', () => this.#connections.delete(connection));
    createInterface(connection).on('line', line =>
      this.onReport(JSON.parse(line) as LifecycleReport),
    );
  }
}
