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
 * Publishes the events of the workers to the diagnostics channel, to the services, to the callbacks in the options, and
 * to the workers that watch.
 *
 * @internal
 */
export class EventHub {
  readonly #watchers = new Set<WorkerHandle>();

  constructor(
    private readonly callbacks: ClusterEventCallbacks,
    private readonly logger: Pick<Logger, 'error'>,
    private readonly services: Pick<PrimaryServices, 'onEvent'> = { onEvent: () => {} },
  ) {}

  /** Sends all further events to `worker`. */
  watch(worker: WorkerHandle): void {
    this.#watchers.add(worker);
  }

  unwatch(worker: WorkerHandle): void {
    this.#watchers.delete(worker);
  }

  publish(event: ClusterEvent): void {
    publishLifecycle(event);
    this.services.onEvent(event);
    void callBack(this.callbacks, event, this.logger);
    this.#watchers.forEach(worker => void worker.send({ type: 'event', event }));
  }
}
