import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type CanActivate,
  type ExecutionContext,
  HttpException,
  HttpStatus,
  Injectable,
} from '@nestjs/common';
import { SharedState } from 'nestjs-cluster';
import { clientOf } from './client-of.js';
import { TICKETS_PER_SECOND } from './tickets.config.js';

const SECOND = 1000;

/** Limits the requests of each client per second, across all workers. */
@Injectable()
export class ClientLimitGuard implements CanActivate {
  constructor(private readonly state: SharedState) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const client = clientOf(http.getRequest<IncomingMessage>());
    const { allowed, resetAfter } = await this.state.rateLimit(`tickets of ${client}`, {
      limit: TICKETS_PER_SECOND,
      window: SECOND,
    });
    if (!allowed) {
      const seconds = Math.ceil(resetAfter / SECOND);
      http
        .getResponse<ServerResponse>()
        .setHeader('Retry-After', seconds)
        // `@Header()` of the route is applied only after its guards.
        .setHeader('Connection', 'close');
      throw new HttpException(
        `One client may buy ${TICKETS_PER_SECOND} tickets a second; try again in ${seconds} s`,
        HttpStatus.TOO_MANY_REQUESTS,
      );
    }
    return true;
  }
}
