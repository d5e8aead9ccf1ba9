import { Controller, Get, Header, UseFilters } from '@nestjs/common';
import { type AskResult, ClusterBus, ClusterService, type HostStatus } from 'nestjs-cluster';
import { BusErrorFilter } from './bus-error.filter.js';
import { WORKER_REPORT, type WorkerReport } from './worker-report.js';

/** Milliseconds within which a healthy worker answers. */
const PATIENCE = 1000;

/**
 * Reports which worker answers, the status of this host, and the reports of all workers of all hosts.
 *
 * A browser sends many requests over one connection, and a connection stays with its worker.
 * `Connection: close` makes every request use a new connection, like that of another visitor.
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

  /** Returns the reports of all workers of all hosts, and the workers that did not answer. */
  @Get('workers')
  @Header('Cache-Control', 'no-store')
  @Header('Connection', 'close')
  @UseFilters(BusErrorFilter)
  workers(): Promise<AskResult<WorkerReport>> {
    return this.bus.ask<WorkerReport>(WORKER_REPORT, undefined, { timeout: PATIENCE });
  }
}
