import type { Logger } from '@nestjs/common';
import { printableStack } from '../../system/text/printable.js';
import type { ClusterEvent, ClusterEventCallbacks } from './cluster-event.interface.js';

/**
 * Calls the user's callback for an event. An error of the callback is logged, and has no other effect.
 *
 * @internal
 */
export async function callBack(
  callbacks: ClusterEventCallbacks,
  event: ClusterEvent,
  logger: Pick<Logger, 'error'>,
): Promise<void> {
  const callback = callbacks[event.type] as
    ((event: ClusterEvent) => void | Promise<void>) | undefined;
  try {
    await callback?.(event);
  } catch (error) {
    logger.error(`The callback events.${event.type} failed`, printableStack(error));
  }
}
