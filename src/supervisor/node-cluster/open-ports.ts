import type { Worker } from 'node:cluster';

/** Told which ports and Unix sockets open and close, by the keys that `node:cluster` has for them. @internal */
export interface PortObserver {
  opened(key: string): void;
  closed(key: string): void;
}

/**
 * The workers that listen on each port, as `node:cluster` counts them. When the last one goes, Node
 * closes the port, and what opens it later is another one.
 *
 * @internal
 */
export class OpenPorts {
  readonly #ports = new Map<string, Set<Worker>>();

  constructor(private readonly observer: PortObserver) {}

  /** Who listens there; stays true when the port has closed, and is empty then. */
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
