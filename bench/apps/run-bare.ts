import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';

/** The 20 lines with `node:cluster` that users write by hand. */
export async function runBare(work: () => Promise<unknown>): Promise<void> {
  if (!cluster.isPrimary) {
    await work();
    return;
  }
  const workers = Number(process.env['CLUSTER_WORKERS'] ?? availableParallelism());
  for (let worker = 0; worker < workers; worker++) {
    cluster.fork();
  }
  cluster.on('exit', (worker, code, signal) => {
    console.error(`Worker ${worker.process.pid} died (${signal ?? code}), starting another`);
    cluster.fork();
  });
}
