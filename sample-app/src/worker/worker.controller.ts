import { Controller, Get, Header, UseFilters } from '@nestjs/common';
import { type AskResult, ClusterBus, ClusterService, type HostStatus } from 'nestjs-cluster';
import { BusErrorFilter } from './bus-error.filter.js';
import { WORKER_REPORT, type WorkerReport } from './worker-report.js';

/** Milliseconds in which a worker that is well has answered long ago. */
const PATIENCE = 1000;

/**
 * Who answers, how the workers of this host are doing, and what those of all hosts say.
 *
 * A browser sends many requests over one connection, and a connection stays with its worker.
 * `Connection: close` makes every request here come anew, as from another visitor.
 */
@Controller('api')
export class WorkerController {
  constructor(
    private readonly cluster: ClusterService,
    private readonly bus: ClusterBus,
  ) {}

  @Get('worker')
  @Header('Cache-Control', 'no-store')
  @Header('Connection', 'close')
  worker() {
    return { mode: this.cluster.mode, ...this.cluster.worker };
  }

  @Get('status')
  @Header('Cache-Control', 'no-store')
  @Header('Connection', 'close')
  status(): Promise<HostStatus> {
    return this.cluster.status();
  }

  /** What every worker of every host reports, and which of them did not. */
  @Get('workers')
  @Header('Cache-Control', 'no-store')
  @Header('Connection', 'close')
  @UseFilters(BusErrorFilter)
  workers(): Promise<AskResult<WorkerReport>> {
    return this.bus.ask<WorkerReport>(WORKER_REPORT, undefined, { timeout: PATIENCE });
  }
}
