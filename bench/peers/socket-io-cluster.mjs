/**
 * Workers that reach each other with the cluster adapter of Socket.IO, set up as in its README, without sticky
 * sessions, because there are no clients.
 *
 * `serverSideEmit()` reaches the listeners of every other worker, like an event of this package. A broadcast by
 * `emit()` is for clients: it takes the same way, and is also encoded for them. No acknowledgement is requested,
 * because each worker would answer each event.
 */
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { createAdapter, setupPrimary } from '@socket.io/cluster-adapter';
import { Server } from 'socket.io';
import { importApp } from '../support/import-app.mjs';

if (cluster.isPrimary) {
  startPrimary();
} else {
  await startWorker();
}

function startPrimary() {
  setupPrimary();
  for (let worker = 0; worker < Number(process.env['CLUSTER_WORKERS']); worker++) {
    cluster.fork();
  }
}

async function startWorker() {
  const { joinBenchmark } = await importApp('bus-member');
  const io = new Server(createServer());
  io.adapter(createAdapter());
  await joinBenchmark({
    publish: (/** @type {string} */ topic, /** @type {object} */ event) =>
      io.serverSideEmit(topic, event),
    subscribe: (/** @type {string} */ topic, /** @type {(event: object) => void} */ handler) =>
      io.on(topic, handler),
    lacks: ['kept'],
  });
  process.stdout.write(`@ready ${process.pid}\n`);
}
