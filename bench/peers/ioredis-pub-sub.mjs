/** Workers that publish and subscribe with ioredis alone, with one connection for each. */
import cluster from 'node:cluster';
import { Redis } from 'ioredis';
import { importApp } from '../support/import-app.mjs';

const redis = process.env['BENCH_REDIS'] ?? '';

if (cluster.isPrimary) {
  for (let worker = 0; worker < Number(process.env['CLUSTER_WORKERS']); worker++) {
    cluster.fork();
  }
} else {
  await startWorker();
}

async function startWorker() {
  const { joinBenchmark } = await importApp('bus-member');
  const publisher = new Redis(redis, {
    enableAutoPipelining: process.env['BENCH_AUTO_PIPELINING'] === 'true',
  });
  const subscriber = new Redis(redis);
  /** @type {Map<string, (event: object) => void>} */
  const handlers = new Map();
  subscriber.on('message', (name, message) => handlers.get(name)?.(JSON.parse(message)));
  await joinBenchmark({
    publish: (/** @type {string} */ topic, /** @type {object} */ event) =>
      publisher.publish(channel(topic), JSON.stringify(event)),
    subscribe: (/** @type {string} */ topic, /** @type {(event: object) => void} */ handler) => {
      handlers.set(channel(topic), handler);
      return subscriber.subscribe(channel(topic));
    },
    lacks: ['kept'],
  });
  process.stdout.write(`@ready ${process.pid}\n`);
}

/**
 * Candidates use the same server at the same time.
 *
 * @param {string} topic
 */
function channel(topic) {
  return `${process.env['CLUSTER_NAMESPACE']}:${topic}`;
}
