import { channel } from 'node:diagnostics_channel';
import type { ClusterEvent } from './cluster-event.interface.js';

const lifecycle = channel('nestjs-cluster:lifecycle');

/**
 * Publishes an event on the diagnostics channel `nestjs-cluster:lifecycle`, for metrics and tests.
 *
 * @internal
 */
export function publishLifecycle(event: ClusterEvent): void {
  lifecycle.publish(event);
}

/** Whether anybody receives the events. @internal */
export function hasLifecycleSubscribers(): boolean {
  return lifecycle.hasSubscribers;
}
