import { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Get, Header, HttpCode, HttpStatus, Post, Query, Res } from '@nestjs/common';
import { ClusterService } from 'nestjs-cluster';
import { blockEventLoop } from './block-event-loop.js';
import { MillisecondsPipe } from './milliseconds.pipe.js';

/** Causes faults for demonstration. Do not copy it into a real application. */
@Controller('api')
export class FaultsController {
  constructor(private readonly cluster: ClusterService) {}

  /** Answers, then crashes with an uncaught error. */
  @Post('crash')
  @HttpCode(HttpStatus.ACCEPTED)
  @Header('Connection', 'close')
  crash(@Res({ passthrough: true }) response: ServerResponse) {
    response.once('finish', () =>
      setImmediate(() => {
        throw new Error('POST /api/crash was requested');
      }),
    );
    return { ...this.cluster.worker, crashing: true };
  }

  /** Blocks the event loop of this worker, which answers no other request meanwhile. */
  @Post('block')
  @HttpCode(HttpStatus.OK)
  @Header('Connection', 'close')
  block(@Query('ms', MillisecondsPipe) ms: number) {
    blockEventLoop(ms);
    return { ...this.cluster.worker, blocked: ms };
  }

  /** Answers after a delay, without blocking other requests. A drain waits for it. */
  @Get('slow')
  @Header('Cache-Control', 'no-store')
  async slow(@Query('ms', MillisecondsPipe) ms: number) {
    await delay(ms);
    return { ...this.cluster.worker, waited: ms };
  }
}
