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
  HEARTBEAT_VARIABLE,
  OPTIONS_VARIABLE,
  OUTPUT_VARIABLE,
  PRIMARY_PID_VARIABLE,
  QUIET_BOOT_VARIABLE,
  SOCKET_FILES_VARIABLE,
  STANDBY_VARIABLE,
} from '../../model/internal-variables.js';
import { handleListenRequests } from './listen-requests.js';
import type { ListeningSockets } from './listening-sockets.js';
import { OpenPorts } from './open-ports.js';
import type { SocketFiles } from './socket-files.js';
import { receiveConnections } from '../../ipc/connection-message.js';
import { passOn } from './pass-on.js';
import { PROTOCOL_VARIABLE, PROTOCOL_VERSION } from '../../ipc/protocol-version.js';
import { OUTPUT_OF_ORPHANS, workerStdio } from '../output/worker-stdio.js';
import type { InheritedSockets } from '../../systemd/activation/inherited-sockets.js';
import { withoutServiceVariables } from '../../systemd/service-variables.js';
import { quietBootDuration } from '../policies/boot-speaker.js';
import { returnUnreadSockets } from './unread-sockets.js';
import type { Fork, WorkerProcess } from './worker-process.js';

/** The options that concern forking. @internal */
export type ForkOptions = Pick<ResolvedClusterOptions, 'boot' | 'heartbeat' | 'restart'>;

/**
 * Returns the function that forks a worker. The new process reads the code and the environment files from disk; the
 * rest of its environment is that of the primary at the time of the fork.
 *
 * @param options returns the options, which may change after the first fork
 * @param onNotStarted called with the error if a process could not be started
 * @param inherited the sockets from systemd
 * @param sockets take the connections that workers give back
 * @param socketFiles the files of Unix sockets
 * @internal
 */
export function clusterFork(
  options: () => ForkOptions,
  onNotStarted: (error: unknown) => void,
  sockets: Pick<ListeningSockets, 'deliver'>,
  socketFiles: SocketFiles,
  inherited: Pick<InheritedSockets, 'descriptorFor' | 'paths'>,
): Fork {
  const cacheVariables = compileCacheVariables();
  const started = { cwd: process.cwd(), script: process.argv[1] ?? '' };
  const files = new EnvironmentFiles(launchVariables(), process.execArgv, started.cwd, process.env);
  const { cwd, script } = launchPlace(started, process.env['PWD']);
  const stdio = workerStdio();
  const inspectorPort = takesAnyInspectorPort(process.execArgv) ? 0 : process.debugPort;
  const ports = new OpenPorts(socketFiles);
  return ({ slot, generation, standsBy, isQuiet, earlyTask }) => {
    cluster.setupPrimary({
      exec: script,
      cwd,
      // Batches of small IPC messages are twice as fast in JSON as in 'advanced'.
      serialization: 'json',
      stdio,
      inspectPort: workerInspectorPort(slot, inspectorPort),
    });
    try {
      return asWorkerProcess(
        cluster.fork({
          ...files.omissions(process.env),
          ...withoutServiceVariables(),
          ...cacheVariables,
          CLUSTER_SLOT: String(slot),
          CLUSTER_GENERATION: String(generation),
          NODE_APP_INSTANCE: String(slot),
          [OUTPUT_VARIABLE]: OUTPUT_OF_ORPHANS,
          [STANDBY_VARIABLE]: standsBy ? '1' : '',
          [QUIET_BOOT_VARIABLE]: isQuiet ? String(quietBootDuration(options().boot.timeout)) : '',
          [HEARTBEAT_VARIABLE]: earlyTask ? '' : String(options().heartbeat.interval),
          [OPTIONS_VARIABLE]: earlyTask ?? '',
          [SOCKET_FILES_VARIABLE]: JSON.stringify([...socketFiles.paths, ...inherited.paths]),
          [PRIMARY_PID_VARIABLE]: String(process.pid),
          [PROTOCOL_VARIABLE]: String(PROTOCOL_VERSION),
        }),
        worker => {
          handleListenRequests(worker, {
            inherited: address => inherited.descriptorFor(address),
            prepare: (path, listen) => socketFiles.prepare(path, listen),
          });
          returnUnreadSockets(worker, () => options().restart.redeliver, ports);
          receiveConnections(worker.process, (target, handle) => {
            if (target.to === 'address') {
              return sockets.deliver(target.address, handle);
            }
            void passOn(target, handle, cluster.workers?.[target.worker], worker);
            return true;
          });
        },
        onNotStarted,
      );
    } catch (error) {
      // Node throws some errors of starting a process, and emits others.
      return notStarted(error, onNotStarted);
    }
  };
}

/**
 * @param watch called with each worker whose process has been started
 */
function asWorkerProcess(
  worker: Worker,
  watch: (worker: Worker) => void,
  onNotStarted: (error: unknown) => void,
): WorkerProcess {
  const child = worker.process;
  // The exit of the process follows such an error; without a listener, the error would end the primary.
  worker.on('error', doNothing);
  if (child.pid !== undefined) {
    watch(worker);
  }
  return {
    id: worker.id,
    pid: child.pid ?? 0,
    link: child,
    // Missing, against its type, if the process could not be started.
    stdout: child.stdout ?? null,
    stderr: child.stderr ?? null,
    kill: signal => void child.kill(signal),
    onOnline: listener => void worker.once('online', listener),
    onListening: listener =>
      void worker.on('listening', address => listener(toListeningAddress(address))),
    onDisconnect: listener => void worker.once('disconnect', listener),
    onExit: listener => {
      child.once('exit', (code, signal) => listener(code, signal));
      // Also emitted if a signal could not be sent, which the exit that follows explains. A process that could not
      // be started has no pid, and never exits.
      child.on('error', error => {
        if (child.pid === undefined) {
          onNotStarted(error);
          listener(null, null);
        }
      });
    },
  };
}

/** Stands in for a process that could not be started: it exits at once. */
function notStarted(error: unknown, onNotStarted: (error: unknown) => void): WorkerProcess {
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
    onExit: listener =>
      setImmediate(() => {
        onNotStarted(error);
        listener(null, null);
      }),
  };
}

function doNothing(): void {}

function toListeningAddress({ address, addressType, port }: Address): ListeningAddress {
  const isPath = addressType === -1;
  return { address: address || null, port: isPath ? null : port };
}
