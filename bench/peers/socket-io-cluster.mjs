/**
 * Its workers reach each other by the cluster adapter of Socket.IO, set up as its README says; without
 * sticky sessions, there being no clients.
 *
 * `serverSideEmit()` is what reaches the listeners of every other worker, as an event of ours does. A
 * broadcast by `emit()` is for clients, and goes the same way plus what it costs to encode for them.
 * Without an acknowledgement, which would be a message back from each worker for each event.
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
