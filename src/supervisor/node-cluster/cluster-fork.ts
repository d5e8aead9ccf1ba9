import { EventEmitter } from 'node:events';
import cluster, { type Address, type Worker } from 'node:cluster';
import type { ListeningAddress } from '../../model/host-status.interface.js';
import type { ResolvedClusterOptions } from '../../config/resolve-options.js';
import { launchVariables } from '../../system/process/launch-variables.js';
import { compileCacheVariables } from './compile-cache.js';
import { EnvironmentFiles } from './environment-files.js';
import { takesAnyInspectorPort, workerInspectorPort } from './inspector-port.js';
import { launchPlace } from './launch-place.js';
import {
  OUTPUT_VARIABLE,
  PRIMARY_PID_VARIABLE,
  SOCKET_FILES_VARIABLE,
  STANDBY_VARIABLE,
} from '../../model/internal-variables.js';
import { holdListenRequests } from './listen-requests.js';
import { OpenPorts } from './open-ports.js';
import { SocketFiles } from './socket-files.js';
import { PROTOCOL_VARIABLE, PROTOCOL_VERSION } from '../../ipc/protocol-version.js';
import { OUTPUT_OF_ORPHANS, workerStdio } from '../output/worker-stdio.js';
import { returnUnreadSockets } from './unread-sockets.js';
import type { Fork, WorkerProcess } from './worker-process.js';
import { printableError } from '../../system/text/printable.js';

/** Which of the options matter here. @internal */
export type ForkOptions = Pick<ResolvedClusterOptions, 'scheduling' | 'restart'>;

/**
 * Sets `node:cluster` up and gives the function that forks a worker. The new process reads the
 * code and the environment files from disk, and for the rest gets the environment as it is at that moment.
 *
 * @internal
 */
export function clusterFork({ scheduling, restart }: ForkOptions): Fork {
  cluster.schedulingPolicy = scheduling === 'round-robin' ? cluster.SCHED_RR : cluster.SCHED_NONE;
  const cacheVariables = compileCacheVariables();
  const started = { cwd: process.cwd(), script: process.argv[1] ?? '' };
  const files = new EnvironmentFiles(launchVariables(), process.execArgv, started.cwd, process.env);
  const { cwd, script } = launchPlace(started, process.env['PWD']);
  const stdio = workerStdio();
  const inspectorPort = takesAnyInspectorPort(process.execArgv) ? 0 : process.debugPort;
  const socketFiles = new SocketFiles();
  const ports = new OpenPorts(socketFiles);
  process.once('exit', () => socketFiles.close());
  return ({ slot, generation, standsBy }) => {
    cluster.setupPrimary({
      exec: script,
      cwd,
      // The wire's batches of small messages are twice as fast in JSON as in 'advanced'.
      serialization: 'json',
      stdio,
      inspectPort: workerInspectorPort(slot, inspectorPort),
    });
    try {
      return asWorkerProcess(
        cluster.fork({
          ...files.omissions(process.env),
          ...cacheVariables,
          CLUSTER_SLOT: String(slot),
          CLUSTER_GENERATION: String(generation),
          NODE_APP_INSTANCE: String(slot),
          [OUTPUT_VARIABLE]: OUTPUT_OF_ORPHANS,
          [STANDBY_VARIABLE]: standsBy ? '1' : '',
          [SOCKET_FILES_VARIABLE]: JSON.stringify(socketFiles.paths),
          [PRIMARY_PID_VARIABLE]: String(process.pid),
          [PROTOCOL_VARIABLE]: String(PROTOCOL_VERSION),
        }),
        worker => {
          holdListenRequests(worker, (path, listen) => socketFiles.prepare(path, listen));
          returnUnreadSockets(worker, restart.redeliver, ports);
        },
      );
    } catch (error) {
      // Node throws some of the reasons why a process cannot be started, and emits the others.
      return notStarted(error);
    }
  };
}

/** @param watch called with one whose process has been started */
function asWorkerProcess(worker: Worker, watch: (worker: Worker) => void): WorkerProcess {
  const child = worker.process;
  // What is emitted there is heard of by the process itself; without a listener, it would end the primary.
  worker.on('error', doNothing);
  if (child.pid !== undefined) {
    watch(worker);
  }
  return {
    id: worker.id,
    pid: child.pid ?? 0,
    link: child,
    // Not there, against its type, if the process could not be started.
    stdout: child.stdout ?? null,
    stderr: child.stderr ?? null,
    kill: signal => void child.kill(signal),
    onOnline: listener => void worker.once('online', listener),
    onListening: listener =>
      void worker.on('listening', address => listener(toListeningAddress(address))),
    onDisconnect: listener => void worker.once('disconnect', listener),
    onExit: listener => {
      child.once('exit', (code, signal) => listener(code, signal));
      // Also emitted where a signal could not be sent, which the exit that follows explains; a
      // process that could not be started has no pid, and will never exit.
      child.on('error', error => {
        if (child.pid === undefined) {
          reportNotStarted(error, listener);
        }
      });
    },
  };
}

/** What stands for a process that there is not: it exits at once. */
function notStarted(error: unknown): WorkerProcess {
  return {
    id: 0,
    pid: 0,
    link: Object.assign(new EventEmitter(), { connected: false }),
    stdout: null,
    stderr: null,
    kill: doNothing,
    onOnline: doNothing,
    onListening: doNothing,
    onDisconnect: doNothing,
    onExit: listener => setImmediate(() => reportNotStarted(error, listener)),
  };
}

function doNothing(): void {}

function reportNotStarted(error: unknown, onExit: (code: null, signal: null) => void): void {
  process.stderr.write(`${printableError(error)}\n`);
  onExit(null, null);
}

function toListeningAddress({ address, addressType, port }: Address): ListeningAddress {
  const isPath = addressType === -1;
  return { address: address || null, port: isPath ? null : port };
}
