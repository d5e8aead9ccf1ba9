import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionContext, Injectable } from '@nestjs/common';
import { ThrottlerException, ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import { clientOf } from './client-of.js';
import { TICKETS_PER_SECOND } from './tickets.config.js';

/** Limits the requests of each client per second. `ClusterThrottlerModule` has all workers count together. */
@Injectable()
export class ClientLimitGuard extends ThrottlerGuard {
  protected override async getTracker(request: IncomingMessage): Promise<string> {
    return clientOf(request);
  }

  protected override async throwThrottlingException(
    context: ExecutionContext,
    { timeToBlockExpire }: ThrottlerLimitDetail,
  ): Promise<void> {
    // `@Header()` of the route is applied only after its guards.
    context.switchToHttp().getResponse<ServerResponse>().setHeader('Connection', 'close');
    throw new ThrottlerException(
      `One client may buy ${TICKETS_PER_SECOND} tickets a second; try again in ${timeToBlockExpire} s`,
    );
  }
}
