import { Controller, Get, Header } from '@nestjs/common';
import { ClusterService } from 'nestjs-cluster';

/**
 * Reports which worker answers. The page sends this request all the time.
 *
 * A browser sends many requests over one connection, and a connection stays with its worker. `Connection: close` makes
 * every request use a new connection, like that of another visitor.
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
}
