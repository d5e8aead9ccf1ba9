import {
  ConflictException,
  Controller,
  Get,
  Header,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  ServiceUnavailableException,
} from '@nestjs/common';
import {
  ClusterError,
  ClusterService,
  type FleetStatus,
  type ReloadResult,
  type WorkerIdentity,
  type WorkerStatus,
} from 'nestjs-cluster';
import { ReadyWorkerPipe } from './ready-worker.pipe.js';
import type { Snapshot } from './snapshot.interface.js';
import { SnapshotService } from './snapshot.service.js';

/** Shows and controls the host. A real application must protect this with a guard. */
@Controller('api')
export class HostController {
  constructor(
    private readonly cluster: ClusterService,
    private readonly snapshots: SnapshotService,
  ) {}

  @Get('snapshot')
  @Header('Cache-Control', 'no-store')
  @Header('Connection', 'close')
  snapshot(): Promise<Snapshot> {
    return this.snapshots.read();
  }

  /** All hosts. Without Redis, there is only this one. */
  @Get('fleet')
  @Header('Cache-Control', 'no-store')
  @Header('Connection', 'close')
  async fleet(): Promise<FleetStatus> {
    try {
      return await this.cluster.fleet();
    } catch (error) {
      throw error instanceof ClusterError
        ? new ServiceUnavailableException('The other hosts are unknown at the moment')
        : error;
    }
  }

  /**
   * Replaces all workers. This worker is replaced last, so it can answer. Then it leaves, and the next request on this
   * connection would still reach it.
   */
  @Post('reload')
  @Header('Connection', 'close')
  async reload(): Promise<ReloadResult> {
    try {
      return await this.cluster.reload();
    } catch (error) {
      throw error instanceof ClusterError ? new ConflictException(error.message) : error;
    }
  }

  /** Replaces one worker. SIGTERM tells a worker to leave; it serves until its replacement is ready. */
  @Post('workers/:slot/replace')
  @HttpCode(HttpStatus.ACCEPTED)
  @Header('Connection', 'close')
  replace(
    @Param('slot', ReadyWorkerPipe) { slot, pid }: WorkerStatus,
  ): Pick<WorkerIdentity, 'slot' | 'pid'> {
    if (this.cluster.mode === 'single') {
      throw new ConflictException('In single mode, there is no worker to replace');
    }
    process.kill(pid, 'SIGTERM');
    return { slot, pid };
  }
}
