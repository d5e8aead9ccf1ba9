/**
 * Workers that `node:cluster` gives connections in turn, for clients that use WebSockets alone. `BENCH_IO_ADAPTER` names
 * the adapter: `none`, `cluster` or `redis`.
 */
import cluster from 'node:cluster';
import { createAdapter as createClusterAdapter, setupPrimary } from '@socket.io/cluster-adapter';
import { createAdapter as createRedisAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { importApp } from '../support/import-app.mjs';

/** @typedef {import('socket.io').Server} Server */

/** @type {Record<string, (io: Server) => void>} */
const ADAPTERS = {
  none: () => {},
  cluster: io => void io.adapter(/** @type {any} */ (createClusterAdapter())),
  redis: io => {
    const publisher = new Redis(process.env['BENCH_REDIS'] ?? '');
    const subscriber = publisher.duplicate();
    io.adapter(/** @type {any} */ (createRedisAdapter(publisher, subscriber)));
  },
};

if (cluster.isPrimary) {
  setupPrimary();
  for (let worker = 0; worker < Number(process.env['CLUSTER_WORKERS']); worker++) {
    cluster.fork();
  }
} else {
  const { createSockets } = await importApp('sockets-peer');
  const app = await createSockets(ADAPTERS[process.env['BENCH_IO_ADAPTER'] ?? 'none']);
  await app.listen(Number(process.env['PORT']), '127.0.0.1');
  process.stdout.write(`@ready ${process.pid}\n`);
}
