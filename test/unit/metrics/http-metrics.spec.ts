import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import client from 'prom-client';
import { noteMoved } from '../../../src/drain/http/moved-responses.js';
import { measureHttp } from '../../../src/metrics/collect/http-metrics.js';

function response() {
  return Object.assign(new EventEmitter(), { headersSent: false, statusCode: 200 });
}

async function countOf(moves: boolean): Promise<string | undefined> {
  const registry = new client.Registry();
  const measure = measureHttp(client, [registry]);
  const answer = response();
  measure({ method: 'GET', url: '/' } as never, answer as never);
  if (moves) {
    noteMoved(answer as never);
  }
  answer.emit('close');
  return /_count\{.*\} (\d+)/.exec(await registry.metrics())?.[1];
}

it('measures a request whose client goes before it is answered', async () => {
  expect(await countOf(false)).toBe('1');
});

it('does not measure a request whose connection moves: the worker that answers does', async () => {
  expect(await countOf(true)).toBeUndefined();
});
