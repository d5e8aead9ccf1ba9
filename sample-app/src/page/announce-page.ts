import { Logger } from '@nestjs/common';
import type { ClusterEventCallbacks } from 'nestjs-cluster';

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
        const url = `http://localhost:${process.env.PORT ?? 3000}`;
        // After the lines of the primary about this worker.
        setImmediate(() => new Logger('TicketRush').log(`Open ${url}. Press Ctrl-C to stop`));
      }
    },
    workerExited({ id }) {
      booting.delete(id);
    },
  };
}
