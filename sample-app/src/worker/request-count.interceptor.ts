import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';

/** Counts what this worker alone has been asked: in memory of its own, which goes with it. */
@Injectable()
export class RequestCount implements NestInterceptor {
  value = 0;

  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    this.value++;
    return next.handle();
  }
}
