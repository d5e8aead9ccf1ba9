import { NotFoundException } from '@nestjs/common';
import { type AnyRequest, nodeRequest } from './request-facts.js';

/** Returns the error of Nest for a route that does not exist. @internal */
export function notFound(request: AnyRequest): NotFoundException {
  const { method = 'GET', url = '/' } = nodeRequest(request);
  return new NotFoundException(`Cannot ${method} ${request.originalUrl ?? url}`);
}
