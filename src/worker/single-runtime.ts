import { Logger } from '@nestjs/common';
import { HttpConnections } from '../drain/http-connections.js';
import type { ResolvedClusterOptions } from '../options/resolve-options.js';
import { systemClock } from '../process/clock.js';
import { exitProcess } from '../process/exit.js';
import { listenToStopSignals } from '../process/stop-signals.js';
import type { SingleReason } from '../role/cluster-role.js';
import { Lifecycle } from './lifecycle.js';
import { LocalHost } from './local-host.js';
import type { Runtime } from './runtime.js';
import { workerMessages } from './worker.messages.js';

/**
 * The runtime of single mode. Outside of test runs it drains on SIGTERM and SIGINT as a worker does.
 *
 * @internal
 */
export function singleRuntime(options: ResolvedClusterOptions, why: SingleReason): Runtime {
  const logger = new Logger('Cluster');
  const worker = { slot: 0, generation: 0, id: 0, pid: process.pid };
  const connections = new HttpConnections();
  const host = new LocalHost(worker, options, systemClock, logger);
  const lifecycle = new Lifecycle(host, connections, exitProcess, logger, () => stopListening());
  const drains = why !== 'test-run';
  let stopListening: () => void = noListeners;

  return {
    mode: 'single',
    worker,
    host,
    lifecycle,
    connections,
    drains,
    onBootstrapped: () => {
      logger.log(workerMessages.single(why));
      if (drains) {
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
