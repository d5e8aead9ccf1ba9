import cluster from 'node:cluster';
import { Logger } from '@nestjs/common';
import { PausableServerSet } from '../drain/http/pausable-server-set.js';
import { HttpConnections } from '../drain/http/http-connections.js';
import { observeHttpServers } from '../drain/http/http-servers.js';
import { HEARTBEAT_VARIABLE, STANDBY_VARIABLE } from '../model/internal-variables.js';
import { endEarlySignals } from '../bootstrap/early-signals.js';
import { exitProcess } from '../system/process/exit.js';
import { bootingApplications } from '../nest/booting-applications.js';
import { FailedBoot } from './boot/failed-boot.js';
import { prepareWorker } from './boot/prepare-worker.js';
import { ApplicationServers } from '../runtime/application-servers.js';
import { EventLoopSampler } from '../runtime/vitals/event-loop-sampler.js';
import { NO_HEARTBEAT, startHeartbeat } from './heartbeat.js';
import { Lifecycle } from '../runtime/lifecycle.js';
import { outlivePrimary } from './outlive-primary.js';
import { LoadShedder } from './load-shedder.js';
import { type DrainOrder, ORPHAN_TERMS, PrimaryHost } from './primary-host.js';
import { Readiness } from '../runtime/readiness.js';
import type { Runtime } from '../runtime/runtime.js';
import { Standby } from '../runtime/standby.js';
import { takeSlot } from './take-slot.js';
import { declineUnreceivedConnections } from './unreceived-connections.js';
import { Vitals } from '../runtime/vitals/vitals.js';

/** Signals that a terminal, or a signal to the whole process group, means for the primary. */
const LEFT_TO_PRIMARY = ['SIGINT', 'SIGHUP', 'SIGTTIN', 'SIGTTOU'] as const;

let runtime: Runtime | undefined;

/**
 * Returns the runtime of this worker. It is created once, soon after the module is imported, so that a worker
 * that still boots receives the command to drain.
 *
 * @internal
 */
export function workerRuntime(): Runtime {
  runtime ??= createWorkerRuntime();
  return runtime;
}

function createWorkerRuntime(): Runtime {
  const { output, quietBoot, bootWatch } = prepareWorker();
  const slot = Number(process.env['CLUSTER_SLOT']);
  const generation = Number(process.env['CLUSTER_GENERATION']);

  const expectedHeartbeat = takeExpectedHeartbeat();
  const worker = { slot, generation, id: cluster.worker?.id ?? 0, pid: process.pid };
  const standby = new Standby(process.env[STANDBY_VARIABLE] === '1', () => quietBoot.pause());
  const connections = new HttpConnections();
  const pausableServers = new PausableServerSet();
  const logger = new Logger('Cluster');
  declineUnreceivedConnections(logger);
  const sampler = new EventLoopSampler();
  const vitals = new Vitals(sampler, () => connections.requests);
  let loadShedder: LoadShedder | undefined;
  const orders = {
    onDrain: ({ signal, ...terms }: DrainOrder) => {
      quietBoot.end();
      void lifecycle.leave(terms.cause, terms, signal);
    },
    onPromote: (place: number) => {
      worker.slot = place;
      takeSlot(place);
      quietBoot.resume();
      standby.end();
    },
    onOpen: () => loadShedder?.open(),
  };
  const host = new PrimaryHost(process, orders, logger);
  const failedBoot = new FailedBoot(bootingApplications);
  bootWatch.reportTo(failure => host.bootFailed(failure));
  let heartbeat = NO_HEARTBEAT;
  const lifecycle = new Lifecycle(host, connections, exitProcess, logger, {
    onReady: () => {
      bootWatch.end();
      failedBoot.end();
      quietBoot.end();
      vitals.begin();
      heartbeat.beat();
    },
    onClosed: () => {
      heartbeat.stop();
      stopListening();
      release();
    },
  });
  const stopListening = listenToDirectSignals(signal => {
    quietBoot.end();
    void lifecycle.leave('signal', undefined, signal);
  });
  endEarlySignals();
  const release = outlivePrimary(() => {
    output.surviveThePrimary();
    void lifecycle.leave('orphaned', ORPHAN_TERMS);
  });

  const parts = {
    mode: 'worker',
    host,
    lifecycle,
    readiness: new Readiness(lifecycle, logger, true),
    connections,
    pausableServers,
    standby,
    drains: true,
  } as const;
  const servers = new ApplicationServers(parts);
  observeHttpServers((...listening) => servers.onListen(...listening));

  return {
    ...parts,
    worker,
    servers,
    vitals,
    watchServer: server => bootWatch.watchServer(server),
    signals: ['SIGTERM', ...LEFT_TO_PRIMARY],
    onBootstrapped: ({ heartbeat: { interval }, overload }) => {
      if (overload.maxDelay > 0) {
        loadShedder = new LoadShedder(overload.maxDelay, sampler, pausableServers, host, logger);
        closeForGood(loadShedder, pausableServers, lifecycle.drainSignal);
      }
      heartbeat = startHeartbeat(expectedHeartbeat ?? interval, sampler, vitals, now =>
        host.heartbeat(now),
      );
    },
  };
}

/** The interval in ms at which the primary expects heartbeats, if it has told. */
function takeExpectedHeartbeat(): number | undefined {
  const text = process.env[HEARTBEAT_VARIABLE];
  delete process.env[HEARTBEAT_VARIABLE];
  return text ? Number(text) : undefined;
}

/** Called when the drain begins. */
function closeForGood(
  loadShedder: LoadShedder,
  pausableServers: PausableServerSet,
  drainSignal: AbortSignal,
): void {
  drainSignal.addEventListener('abort', () => {
    loadShedder.stop();
    pausableServers.release();
  });
}

/**
 * Handles signals that reach the worker itself. Ctrl-C and the closing of a terminal reach the whole process group,
 * and the primary decides what to do. A SIGTERM is meant for this worker.
 */
function listenToDirectSignals(leave: (signal: NodeJS.Signals) => void): () => void {
  process.on('SIGTERM', leave);
  LEFT_TO_PRIMARY.forEach(signal => process.on(signal, waitForPrimary));
  return () => {
    process.off('SIGTERM', leave);
    LEFT_TO_PRIMARY.forEach(signal => process.off(signal, waitForPrimary));
  };
}

/** Does nothing; with a listener, the signal does not end the worker. */
function waitForPrimary(): void {}
