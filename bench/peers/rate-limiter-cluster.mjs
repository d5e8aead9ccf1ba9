/** Workers that count in the memory of their primary, with the RateLimiterCluster of rate-limiter-flexible. */
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:http';
import rateLimiterFlexible from 'rate-limiter-flexible';
import { importApp } from '../support/import-app.mjs';

const { RateLimiterCluster, RateLimiterClusterMaster } = rateLimiterFlexible;

if (cluster.isPrimary) {
  startPrimary();
} else {
  await startWorker();
}

function startPrimary() {
  for (let worker = 0; worker < Number(process.env['CLUSTER_WORKERS']); worker++) {
    cluster.fork();
  }
  return new RateLimiterClusterMaster();
}

async function startWorker() {
  const { inFlight } = await importApp('in-flight');
  const limiter = new RateLimiterCluster({
    keyPrefix: 'counter',
    points: Number.MAX_SAFE_INTEGER,
    duration: 3600,
  });
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://127.0.0.1').searchParams;
    const [count, milliseconds] = ['inFlight', 'milliseconds'].map(name => Number(query.get(name)));
    void inFlight(count, milliseconds, () => limiter.consume('key', 1)).then(
      (/** @type {import('../support/turns.mjs').Turn} */ turn) =>
        response.end(JSON.stringify(turn)),
    );
  });
  await once(server.listen(Number(process.env['PORT']), '127.0.0.1'), 'listening');
  process.stdout.write(`@ready ${process.pid}\n`);
}
