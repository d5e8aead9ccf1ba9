import type { Logger } from '@nestjs/common';
import type { WorkerExitedEvent } from '../../model/events/cluster-event.interface.js';
import { supervisorMessages } from '../supervisor.messages.js';

/**
 * Logs how a worker ended, at the level that fits the reason.
 *
 * @param respawnDelay milliseconds until its slot gets another worker; `undefined` if it gets none
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
