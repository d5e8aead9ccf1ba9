import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';

/** Counts the requests of this worker, in its own memory. */
@Injectable()
export class RequestCount implements NestInterceptor {
  value = 0;

  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    this.value++;
    return next.handle();
  }
}
