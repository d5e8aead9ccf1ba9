import { onModulesKnown } from '../bootstrap/nest-containers.js';
import { queueWorkerClasses } from '../drain/messages/queue-worker-class.js';
import { QueueWorkers } from '../drain/messages/queue-workers.js';
import type { Runtime } from '../runtime/runtime.js';
import { ownRequire } from '../system/own-require.js';

/**
 * Observes the workers of BullMQ in this process.
 *
 * @param runtime the runtime, if it is known before the applications are created. The workers then wait until it is
 *   ready
 * @returns a function that makes them drain with a runtime
 * @internal
 */
export function observeQueues(runtime: Runtime | undefined): (runtime: Runtime) => void {
  const workers = new QueueWorkers(task => (runtime ? runtime.lifecycle.whenReady(task) : task()));
  const { cache } = ownRequire();
  onModulesKnown(modules => {
    queueWorkerClasses(modules, cache).forEach(each => workers.observe(each));
  });
  return ({ drains, lifecycle, mode }) => {
    if (!drains) {
      return;
    }
    lifecycle.drainWith({
      begin: () => workers.drain(paused => lifecycle.waitUntil(paused)),
    });
    if (mode === 'single') {
      lifecycle.answeredSignal.addEventListener('abort', () => workers.reopen());
    }
  };
}
