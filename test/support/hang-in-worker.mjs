/** Preloaded into an application under test: its workers print a line, and never load the application. */
import cluster from 'node:cluster';

if (cluster.isWorker) {
  console.log('hangs');
  setInterval(() => {}, 1_000);
  await new Promise(() => {});
}
