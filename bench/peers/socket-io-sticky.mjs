/** Workers with sticky sessions and the cluster adapter of Socket.IO, set up as in their READMEs. */
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { createAdapter, setupPrimary } from '@socket.io/cluster-adapter';
import { setupMaster, setupWorker } from '@socket.io/sticky';
import { importApp } from '../support/import-app.mjs';

if (cluster.isPrimary) {
  startPrimary();
} else {
  await startWorker();
}

function startPrimary() {
  const server = createServer();
  setupMaster(server, { loadBalancingMethod: 'least-connection' });
  setupPrimary();
  cluster.setupPrimary({ serialization: 'advanced' });
  server.listen(Number(process.env['PORT']), '127.0.0.1');
  for (let worker = 0; worker < Number(process.env['CLUSTER_WORKERS']); worker++) {
    cluster.fork();
  }
}

async function startWorker() {
  const { createSockets } = await importApp('sockets-peer');
  const app = await createSockets((/** @type {import('socket.io').Server} */ io) => {
    io.adapter(createAdapter());
    setupWorker(io);
  });
  // The primary listens.
  await app.init();
  process.stdout.write(`@ready ${process.pid}\n`);
}
