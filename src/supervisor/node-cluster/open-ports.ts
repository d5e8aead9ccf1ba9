import type { Worker } from 'node:cluster';

/**
 * Tracks the workers that listen on each port, as `node:cluster` counts them. When the last one goes, Node closes
 * the port; it is another port if it opens again.
 *
 * @internal
 */
export class OpenPorts {
  readonly #ports = new Map<string, Set<Worker>>();

  /** @param onClosed called with the key of a port, or of a Unix socket, when it has closed */
  constructor(private readonly onClosed: (key: string) => void) {}

  /** Returns the live set of workers that listen there; it is empty when the port has closed. */
  listenersOf(key: string): ReadonlySet<Worker> | undefined {
    return this.#ports.get(key);
  }

  join(key: string, worker: Worker): void {
    const listeners = this.#ports.get(key);
    if (listeners) {
      listeners.add(worker);
    } else {
      this.#ports.set(key, new Set([worker]));
    }
  }

  leave(key: string, worker: Worker): void {
    const listeners = this.#ports.get(key);
    if (listeners?.delete(worker) && listeners.size === 0) {
      this.#ports.delete(key);
      this.onClosed(key);
    }
  }

  leaveAll(worker: Worker): void {
    [...this.#ports.keys()].forEach(key => this.leave(key, worker));
  }
}
