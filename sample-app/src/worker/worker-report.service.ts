import { Injectable } from '@nestjs/common';
import { ClusterService, OnClusterRequest } from 'nestjs-cluster';
import { RequestCount } from './request-count.interceptor.js';
import { WORKER_REPORT, type WorkerReport } from './worker-report.js';

@Injectable()
export class WorkerReportService {
  constructor(
    private readonly cluster: ClusterService,
    private readonly requests: RequestCount,
  ) {}

  /** Answers requests on the bus with the report of this worker. */
  @OnClusterRequest(WORKER_REPORT)
  async report(): Promise<WorkerReport> {
    const { workers, spares } = await this.cluster.status();
    // A spare answers requests on the bus, too.
    const { state, uptime, restarts, lastExit } = [...workers, ...spares].find(
      ({ id }) => id === this.cluster.worker.id,
    )!;
    return {
      state,
      uptime,
      restarts,
      ...(lastExit && { lastExit }),
      requests: this.requests.value,
      memory: process.memoryUsage.rss(),
    };
  }
}
