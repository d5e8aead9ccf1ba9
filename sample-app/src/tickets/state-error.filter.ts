import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  ServiceUnavailableException,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AmbiguousResultError, StateOutageError } from 'nestjs-cluster';

/** What may have changed, by the operation that got no answer. To ask the limit changes nothing. */
const PERHAPS: Record<string, string> = {
  increment: 'The ticket may have been sold',
  delete: 'The tickets may have been put back',
};

/** What the workers share is not to be reached: 503, and what became of the request. */
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
    ? `${perhaps}: no answer came in time to operation ${error.operationId}`
    : 'The ticket office is closed for the moment: nothing has changed, try again';
}
