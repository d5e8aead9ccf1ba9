/** Like `bare.ts`, but the primary imports neither the application nor Nest. */
import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';

if (cluster.isPrimary) {
  const workers = Number(process.env['CLUSTER_WORKERS'] ?? availableParallelism());
  for (let worker = 0; worker < workers; worker++) {
    cluster.fork();
  }
  cluster.on('exit', (worker, code, signal) => {
    console.error(`Worker ${worker.process.pid} died (${signal ?? code}), starting another`);
    cluster.fork();
  });
} else {
  await import('./plain.js');
}
