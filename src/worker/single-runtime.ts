import { Logger } from '@nestjs/common';
import { Doors } from '../drain/doors.js';
import { HttpConnections } from '../drain/http-connections.js';
import { configMessages } from '../options/config.messages.js';
import type { ResolvedClusterOptions } from '../options/resolve-options.js';
import { warnOfOptions } from '../options/warn-of-options.js';
import { systemClock } from '../process/clock.js';
import { exitProcess } from '../process/exit.js';
import { listenToStopSignals } from '../process/stop-signals.js';
import type { SingleReason } from '../role/cluster-role.js';
import { endEarlySignals } from '../role/early-signals.js';
import { EventLoopSampler } from './event-loop-sampler.js';
import { Lifecycle } from './lifecycle.js';
import { LocalHost } from './local-host.js';
import type { Runtime } from './runtime.js';
import { Standby } from './standby.js';
import { Vitals } from './vitals.js';
import { workerMessages } from './worker.messages.js';

let runtime: Runtime | undefined;

/**
 * The runtime of single mode: one for all applications of the process. Outside of test runs it drains
 * on SIGTERM and SIGINT as a worker does.
 *
 * @internal
 */
export function singleRuntime(options: ResolvedClusterOptions, why: SingleReason): Runtime {
  if (why === 'test-run') {
    // Test files come one after the other in one process, each with an application of its own.
    return createSingleRuntime(options, why);
  }
  runtime ??= createSingleRuntime(options, why);
  return runtime;
}

function createSingleRuntime(options: ResolvedClusterOptions, why: SingleReason): Runtime {
  const logger = new Logger('Cluster');
  const worker = { slot: 0, generation: 0, id: 0, pid: process.pid };
  const connections = new HttpConnections();
  const host = new LocalHost(worker, options, systemClock, logger);
  const vitals = new Vitals(new EventLoopSampler(), () => connections.requests);
  const lifecycle = new Lifecycle(host, connections, exitProcess, logger, {
    onReady: () => vitals.begin(),
    onClosed: () => {
      stopListening();
      // An application that is created now has nothing to do with those that were.
      runtime = undefined;
    },
  });
  const drains = why !== 'test-run';
  let stopListening: () => void = noListeners;

  return {
    mode: 'single',
    worker,
    host,
    lifecycle,
    connections,
    doors: new Doors(),
    standby: new Standby(false),
    vitals,
    watchServer: () => {},
    drains,
    signals: drains ? ['SIGTERM', 'SIGINT'] : [],
    onBootstrapped: () => {
      logger.log(workerMessages.single(why));
      if (options.redis) {
        logger.log(configMessages.namespace(options));
      }
      if (drains) {
        warnOfOptions(options, process.env, logger);
        endEarlySignals();
        stopListening = listenToStopSignals(
          {
            stop: signal => void lifecycle.leave('stop', undefined, signal),
            stopAtOnce: exitProcess,
          },
          systemClock,
        );
      }
    },
  };
}

function noListeners(): void {}
