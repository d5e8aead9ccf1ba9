import { Logger } from '@nestjs/common';
import { PausableServerSet } from '../drain/http/pausable-server-set.js';
import { HttpConnections } from '../drain/http/http-connections.js';
import { configMessages } from '../config/config.messages.js';
import { observeHttpServers } from '../drain/http/http-servers.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { warnOfOptions } from '../config/warn-of-options.js';
import { systemClock } from '../system/time/clock.js';
import { exitProcess } from '../system/process/exit.js';
import { listenToStopSignals } from '../system/process/stop-signals.js';
import type { SingleReason } from '../bootstrap/cluster-role.js';
import { logAs, logLabel } from '../bootstrap/cluster-log-fields.js';
import { labelConsoleLines } from '../nest/label-console-lines.js';
import { endEarlySignals } from '../bootstrap/early-signals.js';
import { ApplicationServers } from '../runtime/application-servers.js';
import { EventLoopSampler } from '../runtime/vitals/event-loop-sampler.js';
import { Lifecycle } from '../runtime/lifecycle.js';
import { LocalHost } from './local-host.js';
import { serveSystemd } from './systemd-service.js';
import { Readiness } from '../runtime/readiness.js';
import type { Runtime } from '../runtime/runtime.js';
import { Standby } from '../runtime/standby.js';
import { Vitals } from '../runtime/vitals/vitals.js';
import { workerMessages } from '../runtime/runtime.messages.js';

/** Reasons for which the code that creates the application handles signals and timing itself. */
const LEFT_ALONE: readonly SingleReason[] = ['test-run', 'no-factory', 'context'];

/** Creates the runtime of this process for one kind of application. */
type SingleProcess = (why: SingleReason) => Runtime;

let current: SingleProcess | undefined;

/**
 * Returns the runtime of single mode. All applications of the process share it, and its state. It drains on SIGTERM
 * and SIGINT as a worker does, except for application contexts and tests, which behave as without this package.
 *
 * @internal
 */
export function singleRuntime(options: ResolvedClusterOptions, why: SingleReason): Runtime {
  if (why === 'test-run' || why === 'no-factory') {
    // Several test files can run in one process, each with its own application.
    return createSingleProcess(options, () => {})(why);
  }
  current ??= createSingleProcess(options, () => {
    // The next application starts with a new runtime.
    current = undefined;
  });
  return current(why);
}

function createSingleProcess(options: ResolvedClusterOptions, onClosed: () => void): SingleProcess {
  const logger = new Logger('Cluster');
  const worker = { slot: 0, generation: 0, id: 0, pid: process.pid };
  const connections = new HttpConnections();
  const host = new LocalHost(worker, options, systemClock, logger);
  const vitals = new Vitals(new EventLoopSampler(), () => connections.requests);
  host.vitals = vitals;
  const lifecycle = new Lifecycle(host, connections, exitProcess, logger, {
    onReady: () => vitals.begin(),
    onClosed: () => {
      stopListening();
      leaveSystemd();
      onClosed();
    },
  });
  let stopListening: () => void = noListeners;
  let leaveSystemd: () => void = noListeners;
  const runtimes = new Map<SingleReason, Runtime>();
  const parts = { worker, host, lifecycle, connections, vitals };

  const createRuntime = (why: SingleReason): Runtime => {
    const drains = !LEFT_ALONE.includes(why);
    const pausableServers = new PausableServerSet();
    const standby = new Standby(false);
    const readiness = new Readiness(lifecycle, logger, drains);
    const ofServers = { mode: 'single', readiness, pausableServers, standby, drains } as const;
    const servers = new ApplicationServers({ ...parts, ...ofServers });
    if (why === 'no-workers') {
      // Before others observe the servers: see `InheritedSockets.install()`.
      leaveSystemd = serveSystemd(host, logger);
    }
    if (drains) {
      observeHttpServers((...listening) => servers.onListen(...listening));
    }
    return {
      ...parts,
      ...ofServers,
      servers,
      watchServer: () => {},
      signals: drains ? ['SIGTERM', 'SIGINT'] : [],
      onBootstrapped: () => {
        logger.log(workerMessages.single(why));
        if (options.redis) {
          logger.log(configMessages.namespace(options));
        }
        if (drains || why === 'context') {
          warnOfOptions(options, process.env, logger);
        }
        if (drains) {
          stopListening = listenToStopSignals(
            {
              stop: signal => void lifecycle.leave('stop', undefined, signal),
              stopAtOnce: exitProcess,
            },
            systemClock,
          );
          endEarlySignals();
        }
      },
    };
  };
  return why => {
    if (!LEFT_ALONE.includes(why)) {
      logAs('single');
      labelConsoleLines(logLabel);
    }
    const runtime = runtimes.get(why) ?? createRuntime(why);
    runtimes.set(why, runtime);
    return runtime;
  };
}

function noListeners(): void {}
