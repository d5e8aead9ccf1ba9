import { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Get, Header, HttpCode, HttpStatus, Post, Query, Res } from '@nestjs/common';
import { ClusterService } from 'nestjs-cluster';
import { blockEventLoop } from './block-event-loop.js';
import { MillisecondsPipe } from './milliseconds.pipe.js';

/** What goes wrong in production, at the press of a button. No application of yours wants this. */
@Controller('api')
export class FaultsController {
  constructor(private readonly cluster: ClusterService) {}

  /** Answers first, then dies as a bug would make it die: of an error that nobody catches. */
  @Post('crash')
  @HttpCode(HttpStatus.ACCEPTED)
  @Header('Connection', 'close')
  crash(@Res({ passthrough: true }) response: ServerResponse) {
    response.once('finish', () =>
      setImmediate(() => {
        throw new Error('Somebody asked for POST /api/crash');
      }),
    );
    return { ...this.cluster.worker, crashing: true };
  }

  /** Keeps this worker's event loop busy: it answers nobody until it is done. */
  @Post('block')
  @HttpCode(HttpStatus.OK)
  block(@Query('ms', MillisecondsPipe) ms: number) {
    blockEventLoop(ms);
    return { ...this.cluster.worker, blocked: ms };
  }

  /** Takes its time without keeping anybody else waiting. A drain lets it finish. */
  @Get('slow')
  @Header('Cache-Control', 'no-store')
  async slow(@Query('ms', MillisecondsPipe) ms: number) {
    await delay(ms);
    return { ...this.cluster.worker, waited: ms };
  }
}
