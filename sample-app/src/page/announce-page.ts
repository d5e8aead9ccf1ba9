import { Logger } from '@nestjs/common';
import type { ClusterEventCallbacks } from 'nestjs-cluster';

/** What to try, logged after the address. */
const HINTS = [
  'Rush: all workers together sell all tickets, and none of them twice.',
  'Crash, Block, Replace: the other workers continue. Watch the failed requests at the top of the page.',
  'Reload all workers: each new worker starts before the old one stops, and no request fails.',
];

/** Logs the address of the page, once, when all workers are ready. These callbacks run in the primary. */
export function announcePage(): ClusterEventCallbacks {
  const booting = new Set<number>();
  let isAnnounced = false;
  return {
    workerForked({ id }) {
      booting.add(id);
    },
    workerReady({ id }) {
      booting.delete(id);
      if (booting.size === 0 && !isAnnounced) {
        isAnnounced = true;
        // After the lines of the primary about this worker.
        setImmediate(announce);
      }
    },
    workerExited({ id }) {
      booting.delete(id);
    },
  };
}

function announce(): void {
  const logger = new Logger('TicketRush');
  const url = `http://localhost:${process.env.PORT ?? 3000}`;
  logger.log(`Open ${url}, and try this. Press Ctrl-C to stop`);
  HINTS.forEach((hint, index) => logger.log(`${index + 1}. ${hint}`));
  logger.log(`The dashboard of the host: ${url}/cluster`);
}
