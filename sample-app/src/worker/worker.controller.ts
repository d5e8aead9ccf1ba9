import { Controller, Get, Header } from '@nestjs/common';
import { ClusterService, type HostStatus } from 'nestjs-cluster';

/**
 * Who answers, and how all workers of this host are doing.
 *
 * A browser sends many requests over one connection, and a connection stays with its worker.
 * `Connection: close` makes every request here come anew, as from another visitor.
 */
@Controller('api')
export class WorkerController {
  constructor(private readonly cluster: ClusterService) {}

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
}
