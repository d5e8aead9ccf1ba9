import type { Logger } from '@nestjs/common';
import type { WorkerExitedEvent } from '../../model/events/cluster-event.interface.js';
import { supervisorMessages } from '../supervisor.messages.js';

/**
 * Says how a worker ended, as loudly as it deserves.
 *
 * @param respawnDelay milliseconds until its slot gets another worker, if it does
 * @internal
 */
export function logExit(
  logger: Pick<Logger, 'log' | 'warn' | 'error'>,
  event: WorkerExitedEvent,
  respawnDelay: number | undefined,
): void {
  const text = supervisorMessages.exited(event, respawnDelay);
  switch (event.reason) {
    case 'left':
      return logger.log(text);
    case 'drain-timeout':
    case 'killed':
      return logger.warn(text);
    case 'crashed':
    case 'boot-failed':
    case 'boot-timeout':
    case 'hung':
      return logger.error(text);
  }
}
