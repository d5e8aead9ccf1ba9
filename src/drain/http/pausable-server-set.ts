import type { Server } from 'node:http';
import { PausableServer } from './pausable-server.js';

/**
 * The servers that accept connections for this process: the first server of each of its applications. (Fastify has
 * further servers for the other addresses of `localhost`, which are not used in production.)
 *
 * @internal
 */
export class PausableServerSet {
  readonly #pausableServers = new Map<Server, PausableServer>();
  #areOpen = true;

  get areOpen(): boolean {
    return this.#areOpen;
  }

  /** Adds a server before it listens. */
  add(server: Server): void {
    this.#pausableServers.set(
      server,
      this.#pausableServers.get(server) ?? new PausableServer(server),
    );
  }

  close(): void {
    this.#areOpen = false;
    this.#pausableServers.forEach(pausableServer => pausableServer.close());
  }

  /**
   * Resolves when all servers accept connections.
   *
   * @throws the error of a server that could not be opened; the others are open
   */
  async open(): Promise<void> {
    await Promise.all(
      [...this.#pausableServers.values()].map(pausableServer => pausableServer.open()),
    );
    this.#areOpen = true;
  }

  /** Stops controlling the servers. */
  release(): void {
    this.#pausableServers.forEach(pausableServer => pausableServer.release());
  }
}
