import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Registry } from 'prom-client';
import { hasMoved } from '../../drain/http/moved-responses.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import type { PromClient } from '../prom-client.js';
import { routeOf } from './http-route.js';

/** The bounds that the semantic conventions of OpenTelemetry recommend. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

const METHODS = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
]);

/**
 * Registers the duration of HTTP requests.
 *
 * @returns the function to call for each request, before the application handles it
 * @internal
 */
export function measureHttp(
  { Histogram }: PromClient,
  registers: [Registry],
): (request: IncomingMessage, response: ServerResponse | Http2ServerResponse) => void {
  const durations = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Duration of HTTP server requests.',
    labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
    buckets: BOUNDS,
    registers,
  });
  return (request, response) => {
    const begunAt = monotonicNow();
    response.once('close', () => {
      if (hasMoved(response)) {
        // The worker that answers measures it.
        return;
      }
      const route = routeOf(request, response.statusCode === 404);
      const { method = '' } = request;
      durations.observe(
        {
          http_request_method: METHODS.has(method) ? method : '_OTHER',
          ...(route !== undefined && { http_route: route }),
          // If the client has gone before, there was no response.
          ...(response.headersSent && { http_response_status_code: response.statusCode }),
        },
        (monotonicNow() - begunAt) / 1_000,
      );
    });
  };
}
