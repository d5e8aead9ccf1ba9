import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import * as prom from 'prom-client';
import { measureHttp } from '../../../src/metrics/collect/http-metrics.js';
import { routeOf } from '../../../src/metrics/collect/http-route.js';

const routed = (path: unknown): IncomingMessage =>
  ({ url: '/x/1', route: { path } }) as unknown as IncomingMessage;

it.each<[unknown, boolean, string | undefined]>([
  ['/cats/:id', false, '/cats/:id'],
  ['/cats/:id', true, '/cats/:id'],
  [/^\/cats$/, false, String.raw`/^\/cats$/`],
  ['*path', true, undefined],
  ['/{*splat}', true, undefined],
  ['*', true, undefined],
  ['*path', false, '*path'],
])('the route of %s, not found: %s', (path, isNotFound, route) => {
  expect(routeOf(routed(path), isNotFound)).toBe(route);
});

it('knows no route of a request that has none', () => {
  expect(routeOf({ url: '/x/1' } as IncomingMessage, false)).toBeUndefined();
});

it('measures a request once, when its response is closed', async () => {
  const registry = new prom.Registry();
  const measure = measureHttp(prom, [registry]);
  const response = Object.assign(new EventEmitter(), { headersSent: true, statusCode: 201 });
  const request = Object.assign(routed('/cats'), { method: 'POST' });
  measure(request, response as unknown as ServerResponse);
  response.emit('close');
  response.emit('close');
  expect(await registry.metrics()).toContain(
    'http_server_request_duration_seconds_count{http_request_method="POST",http_route="/cats",http_response_status_code="201"} 1',
  );
});
