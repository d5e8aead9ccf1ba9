import cluster from 'node:cluster';
import { Logger } from '@nestjs/common';
import { HttpConnections } from '../drain/http-connections.js';
import { exitProcess } from '../process/exit.js';
import { Lifecycle } from './lifecycle.js';
import { guardOrphan } from './orphan-guard.js';
import { ORPHAN_TERMS, PrimaryHost } from './primary-host.js';
import type { Runtime } from './runtime.js';

let runtime: Runtime | undefined;

/**
 * The runtime of this worker: one, from the moment the module is imported, so that a worker which
 * still boots can be told to go.
 *
 * @internal
 */
export function workerRuntime(): Runtime {
  runtime ??= createWorkerRuntime();
  return runtime;
}

function createWorkerRuntime(): Runtime {
  const slot = Number(process.env['CLUSTER_SLOT']);
  const generation = Number(process.env['CLUSTER_GENERATION']);
  process.title = `nest worker ${slot}`;

  const connections = new HttpConnections();
  const host = new PrimaryHost(process, ({ signal, ...terms }) => {
    void lifecycle.leave(terms.cause, terms, signal);
  });
  const lifecycle = new Lifecycle(host, connections, exitProcess, new Logger('Cluster'), () => {
    stopListening();
    letGo();
  });
  const stopListening = listenToDirectSignals(lifecycle);
  const letGo = guardOrphan(() => void lifecycle.leave('orphaned', ORPHAN_TERMS));

  return {
    mode: 'worker',
    worker: { slot, generation, id: cluster.worker?.id ?? 0, pid: process.pid },
    host,
    lifecycle,
    connections,
    drains: true,
    signals: ['SIGTERM', 'SIGINT', 'SIGHUP'],
    onBootstrapped: () => {},
  };
}

/**
 * Signals that reach a worker itself. Ctrl-C and a closed terminal reach the whole process group:
 * there, the primary decides. A SIGTERM is meant for this worker.
 */
function listenToDirectSignals(lifecycle: Lifecycle): () => void {
  const leave = (signal: NodeJS.Signals): void => void lifecycle.leave('signal', undefined, signal);
  process.on('SIGTERM', leave);
  process.on('SIGINT', waitForPrimary);
  process.on('SIGHUP', waitForPrimary);
  return () => {
    process.off('SIGTERM', leave);
    process.off('SIGINT', waitForPrimary);
    process.off('SIGHUP', waitForPrimary);
  };
}

/** That there is a listener keeps the signal from ending the worker. */
function waitForPrimary(): void {}
