/**
 * `node --import nestjs-cluster/start dist/main.js`: the primary loads neither the application nor Nest. Its workers
 * inherit the argument, and load this module as well. In all other processes, it does nothing: also in a process that
 * has an IPC channel to its parent, such as one that was forked, or that `node --watch` restarts.
 */
import cluster from 'node:cluster';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.argv[1] !== undefined) {
  if (!cluster.isPrimary) {
    const { beginEarlyWorker } = await import('./early-worker.js');
    beginEarlyWorker();
  } else if (process.channel === undefined) {
    const { startHost } = await import('./start-host.js');
    await startHost();
  }
}
