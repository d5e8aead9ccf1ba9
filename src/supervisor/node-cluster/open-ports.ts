import type { Worker } from 'node:cluster';

/** Is told which ports and Unix sockets open and close, by the keys of `node:cluster`. @internal */
export interface PortObserver {
  opened(key: string): void;
  closed(key: string): void;
}

/**
 * Tracks the workers that listen on each port, as `node:cluster` counts them. When the last one goes, Node closes
 * the port; it is another port if it opens again.
 *
 * @internal
 */
export class OpenPorts {
  readonly #ports = new Map<string, Set<Worker>>();

  constructor(private readonly observer: PortObserver) {}

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
      this.observer.opened(key);
    }
  }

  leave(key: string, worker: Worker): void {
    const listeners = this.#ports.get(key);
    if (listeners?.delete(worker) && listeners.size === 0) {
      this.#ports.delete(key);
      this.observer.closed(key);
    }
  }

  leaveAll(worker: Worker): void {
    [...this.#ports.keys()].forEach(key => this.leave(key, worker));
  }
}
