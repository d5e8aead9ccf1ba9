import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  ServiceUnavailableException,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { BusUnavailableError } from 'nestjs-cluster';

/** Answers with 503 if the bus is unavailable. */
@Catch(BusUnavailableError)
export class BusErrorFilter implements ExceptionFilter<BusUnavailableError> {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(_: BusUnavailableError, host: ArgumentsHost): void {
    const answer = new ServiceUnavailableException('The other workers cannot be asked now');
    this.adapterHost.httpAdapter.reply(
      host.switchToHttp().getResponse(),
      answer.getResponse(),
      answer.getStatus(),
    );
  }
}
