import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Controller,
  Get,
  Header,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { ClusterService, type WorkerStatus } from 'nestjs-cluster';
import { ReadyWorkerPipe } from '../host/ready-worker.pipe.js';
import { FaultsService } from './faults.service.js';
import { MillisecondsPipe } from './milliseconds.pipe.js';

/** Causes faults for demonstration. Do not copy it into a real application. */
@Controller('api')
export class FaultsController {
  constructor(
    private readonly cluster: ClusterService,
    private readonly faults: FaultsService,
  ) {}

  /** Has the worker of a slot crash with an uncaught error. This request is answered before, by whichever worker got it. */
  @Post('workers/:slot/crash')
  @HttpCode(HttpStatus.ACCEPTED)
  @Header('Connection', 'close')
  crash(
    @Param('slot', ReadyWorkerPipe) worker: WorkerStatus,
    @Res({ passthrough: true }) response: ServerResponse,
  ) {
    response.once('finish', () => this.faults.crash(worker));
    return { slot: worker.slot, pid: worker.pid };
  }

  /** Blocks the event loop of the worker of a slot, which answers no request meanwhile. */
  @Post('workers/:slot/block')
  @HttpCode(HttpStatus.ACCEPTED)
  @Header('Connection', 'close')
  block(
    @Param('slot', ReadyWorkerPipe) worker: WorkerStatus,
    @Query('ms', MillisecondsPipe) ms: number,
    @Res({ passthrough: true }) response: ServerResponse,
  ) {
    response.once('finish', () => this.faults.block(worker, ms));
    return { slot: worker.slot, pid: worker.pid, ms };
  }

  /** Answers after a delay, without blocking other requests. A drain waits for it; a crash loses it. */
  @Get('slow')
  @Header('Cache-Control', 'no-store')
  @Header('Connection', 'close')
  async slow(@Query('ms', MillisecondsPipe) ms: number) {
    await delay(ms);
    return { ...this.cluster.worker, waited: ms };
  }
}
