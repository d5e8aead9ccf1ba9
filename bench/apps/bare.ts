/** A program of 20 lines with `node:cluster`, as users write it by hand. */
import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import { bootstrap } from './bootstrap.js';
import { PlainModule } from './plain.module.js';

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
  await bootstrap(PlainModule);
}
