/**
 * `node --import nestjs-cluster/start dist/main.js`: the primary loads neither the application nor Nest. In all other
 * processes, this does nothing.
 */
import cluster from 'node:cluster';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && cluster.isPrimary && process.argv[1] !== undefined) {
  const { startHost } = await import('./start-host.js');
  await startHost();
}
