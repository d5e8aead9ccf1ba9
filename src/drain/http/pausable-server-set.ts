import type { Server } from 'node:http';
import { PausableServer } from './pausable-server.js';

/**
 * Through which connections come to this process: the first server of each of its applications. (Fastify makes
 * further ones for the other addresses of `localhost`, which nobody uses in production.)
 *
 * @internal
 */
export class PausableServerSet {
  readonly #pausableServers = new Map<Server, PausableServer>();
  #areOpen = true;

  get areOpen(): boolean {
    return this.#areOpen;
  }

  /** Before the server listens. */
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
   * Resolves when connections come through them.
   *
   * @throws why one of them could not be opened; those that could are open
   */
  async open(): Promise<void> {
    await Promise.all(
      [...this.#pausableServers.values()].map(pausableServer => pausableServer.open()),
    );
    this.#areOpen = true;
  }

  /** From now on they are somebody else's to open and close. */
  release(): void {
    this.#pausableServers.forEach(pausableServer => pausableServer.release());
  }
}
