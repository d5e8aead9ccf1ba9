import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  ServiceUnavailableException,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AmbiguousResultError, StateOutageError } from 'nestjs-cluster';

/** What may have changed, by the operation that was not answered. */
const PERHAPS: Record<string, string> = {
  increment: 'The ticket may have been sold',
  delete: 'The tickets may have been put back',
  'map.set': 'The ticket may have been reserved',
  'map.delete': 'The ticket may have been sold',
};

/** Answers with 503 if the shared state is unavailable, and tells the outcome of the request. */
@Catch(StateOutageError)
export class StateErrorFilter implements ExceptionFilter<StateOutageError> {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(error: StateOutageError, host: ArgumentsHost): void {
    const answer = new ServiceUnavailableException(explain(error));
    this.adapterHost.httpAdapter.reply(
      host.switchToHttp().getResponse(),
      answer.getResponse(),
      answer.getStatus(),
    );
  }
}

function explain(error: StateOutageError): string {
  const perhaps = error instanceof AmbiguousResultError && PERHAPS[error.operation];
  return perhaps
    ? `${perhaps}: operation ${error.operationId} was not answered in time`
    : 'The ticket office is closed at the moment. Nothing has changed; try again';
}
