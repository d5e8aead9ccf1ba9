import type { Logger } from '@nestjs/common';
import type {
  ClusterEvent,
  ClusterEventCallbacks,
} from '../model/events/cluster-event.interface.js';
import { callBack } from '../model/events/event-callbacks.js';
import { publishLifecycle } from '../model/events/lifecycle-channel.js';
import type { WorkerHandle } from './workers/handle/worker-handle.js';

/**
 * Brings the events of the workers to everybody who wants them: the diagnostics channel, the
 * callbacks of the options, and the workers that watch.
 *
 * @internal
 */
export class EventHub {
  readonly #watchers = new Set<WorkerHandle>();

  constructor(
    private readonly callbacks: ClusterEventCallbacks,
    private readonly logger: Pick<Logger, 'error'>,
  ) {}

  /** From now on, and while it lives, `worker` is sent all events. */
  watch(worker: WorkerHandle): void {
    this.#watchers.add(worker);
  }

  unwatch(worker: WorkerHandle): void {
    this.#watchers.delete(worker);
  }

  publish(event: ClusterEvent): void {
    publishLifecycle(event);
    void callBack(this.callbacks, event, this.logger);
    this.#watchers.forEach(worker => void worker.send({ type: 'event', event }));
  }
}
