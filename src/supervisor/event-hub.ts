import type { Logger } from '@nestjs/common';
import type {
  ClusterEvent,
  ClusterEventCallbacks,
} from '../model/events/cluster-event.interface.js';
import { callBack } from '../model/events/event-callbacks.js';
import { publishLifecycle } from '../model/events/lifecycle-channel.js';
import type { PrimaryServices } from '../services/primary-services.js';
import type { WorkerHandle } from './workers/handle/worker-handle.js';

/**
 * Publishes the events of the workers to the diagnostics channel, to the services, to the callbacks in the options, to
 * the workers that watch, and to the clients of the control socket.
 *
 * @internal
 */
export class EventHub {
  readonly #watchers = new Set<WorkerHandle>();
  readonly #listeners = new Set<(event: ClusterEvent) => void>();

  constructor(
    private readonly callbacks: ClusterEventCallbacks,
    private readonly logger: Pick<Logger, 'error'>,
    private readonly services: Pick<PrimaryServices, 'onEvent'> = { onEvent: () => {} },
  ) {}

  /** Sends all further events to `worker`. */
  watch(worker: WorkerHandle): void {
    this.#watchers.add(worker);
  }

  /** Calls `listener` with all further events. Returns a function that ends it. */
  listen(listener: (event: ClusterEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  unwatch(worker: WorkerHandle): void {
    this.#watchers.delete(worker);
  }

  publish(event: ClusterEvent): void {
    publishLifecycle(event);
    this.services.onEvent(event);
    void callBack(this.callbacks, event, this.logger);
    this.#watchers.forEach(worker => void worker.send({ type: 'event', event }));
    this.#listeners.forEach(listener => listener(event));
  }
}
