import type { Server } from 'node:http';
import { Door } from './pausable-server.js';

/**
 * Through which connections come to this process: the first server of each of its applications. (Fastify makes
 * further ones for the other addresses of `localhost`, which nobody uses in production.)
 *
 * @internal
 */
export class Doors {
  readonly #doors = new Map<Server, Door>();
  #areOpen = true;

  get areOpen(): boolean {
    return this.#areOpen;
  }

  /** Before the server listens. */
  add(server: Server): void {
    this.#doors.set(server, this.#doors.get(server) ?? new Door(server));
  }

  close(): void {
    this.#areOpen = false;
    this.#doors.forEach(door => door.close());
  }

  /**
   * Resolves when connections come through them.
   *
   * @throws why one of them could not be opened; those that could are open
   */
  async open(): Promise<void> {
    await Promise.all([...this.#doors.values()].map(door => door.open()));
    this.#areOpen = true;
  }

  /** From now on they are somebody else's to open and close. */
  letGo(): void {
    this.#doors.forEach(door => door.letGo());
  }
}
