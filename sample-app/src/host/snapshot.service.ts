import { Injectable } from '@nestjs/common';
import { ClusterService } from 'nestjs-cluster';
import { ClusterHealthIndicator } from 'nestjs-cluster/health';
import { RecentEvents } from './recent-events.service.js';
import type { Snapshot } from './snapshot.interface.js';

/** Reads everything about the host. Any worker can, because the primary knows all of them. */
@Injectable()
export class SnapshotService {
  constructor(
    private readonly cluster: ClusterService,
    private readonly health: ClusterHealthIndicator,
    private readonly events: RecentEvents,
  ) {}

  async read(): Promise<Snapshot> {
    const [{ host }, { store }, status] = await Promise.all([
      this.health.checkHost('host'),
      this.health.checkState('store'),
      this.cluster.status().catch(() => undefined),
    ]);
    const workers = host.workers.map(worker => {
      const known = status?.workers.find(({ id }) => id === worker.id);
      return known
        ? {
            ...worker,
            uptime: known.uptime,
            restarts: known.restarts,
            ...(known.lastExit && { lastExit: known.lastExit }),
          }
        : worker;
    });
    return {
      ...host,
      at: Date.now(),
      via: this.cluster.worker,
      ...(status && { primary: status.pid }),
      workers,
      store,
      events: this.events.latest,
    };
  }
}
