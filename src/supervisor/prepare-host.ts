import cluster from 'node:cluster';
import type { HostLogger } from '../bootstrap/host-logger.interface.js';
import { parentHost, type HostMark, markHost } from '../bootstrap/host-mark.js';
import { hostStart } from '../bootstrap/host-start.js';
import type { Scheduling } from '../config/cluster-options.interface.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { systemClock } from '../system/time/clock.js';
import { printableError } from '../system/text/printable.js';
import { InheritedSockets } from '../systemd/activation/inherited-sockets.js';
import { clusterFork, type ForkOptions } from './node-cluster/cluster-fork.js';
import { ListeningSockets } from './node-cluster/listening-sockets.js';
import { SocketFiles } from './node-cluster/socket-files.js';
import type { Fork } from './node-cluster/worker-process.js';
import { OrphanReaper } from './orphan-reaper.js';
import { combineStreams } from './output/combine-streams.js';
import { supervisorMessages } from './supervisor.messages.js';

/** What this process needs before it forks its first worker. @internal */
export interface PreparedHost {
  readonly fork: Fork;
  /** The sockets on which workers listen. */
  readonly sockets: ListeningSockets;
  /** The files of those that are Unix sockets. */
  readonly socketFiles: SocketFiles;
  /** The sockets from systemd. */
  readonly inherited: InheritedSockets;
  /** The running host that this process descends from. */
  readonly above: HostMark | undefined;
  /** Kills workers that outlive this process. */
  readonly reaper: OrphanReaper;
  /** When this process began, by the system's clock: the first worker may be older than the supervisor. */
  readonly startedAt: number;
}

/** A property of the global object: the application may load another copy of this package. */
const ON_SUPERVISE = Symbol.for('nestjs-cluster/on-supervise');

type Listeners = Record<symbol, ((logs: HostLogger) => void) | undefined>;

/** Calls `listener` with the log when this process begins to supervise its workers. @internal */
export function whenSupervising(listener: (logs: HostLogger) => void): void {
  (globalThis as unknown as Listeners)[ON_SUPERVISE] = listener;
}

/** Calls the listener. @internal */
export function beginSupervising(logs: HostLogger): void {
  (globalThis as unknown as Listeners)[ON_SUPERVISE]?.(logs);
}

type HostOptions = ForkOptions & Pick<ResolvedClusterOptions, 'scheduling'>;

/** What a process has as long as it is a host. */
interface Claim {
  readonly reaper: OrphanReaper;
  release(): void;
}

let prepared: Omit<PreparedHost, 'reaper'> | undefined;
let claim: Claim | undefined;
let current: { readonly options: HostOptions; readonly logs: HostLogger };

/**
 * Makes this process able to fork workers. The first worker may be forked before the options are known: a later call
 * has the options and the logger of the workers that are forked from then on.
 *
 * @throws ClusterConfigError if the options differ in what cannot be changed after the first fork
 * @internal
 */
export function prepareHost(options: HostOptions, logs: HostLogger): PreparedHost {
  current = { options, logs };
  prepared ??= prepare();
  claim ??= claimHost();
  checkScheduling(options.scheduling);
  return { ...prepared, reaper: claim.reaper };
}

/**
 * Makes this process an ordinary one again, which has no workers and may not become a host: its child processes can
 * start hosts of their own.
 *
 * @internal
 */
export function releaseHost(): void {
  claim?.release();
  claim = undefined;
}

function claimHost(): Claim {
  const { title } = process;
  process.title = 'nest primary';
  hostStart();
  const removeMark = markHost(process.env);
  const reaper = new OrphanReaper(() =>
    current.logs.named('Cluster').warn(supervisorMessages.reaperEnded()),
  );
  return {
    reaper,
    release: () => {
      process.title = title;
      removeMark();
      reaper.dismiss();
    },
  };
}

/** Node reads the scheduling policy before the first fork only. Under `reuse-port`, workers share no socket. */
function checkScheduling(scheduling: Scheduling): void {
  if (scheduling !== 'reuse-port' && cluster.schedulingPolicy !== schedulingPolicy(scheduling)) {
    throw ClusterConfigError.lateScheduling(scheduling);
  }
}

/**
 * Checks that workers can use the sockets from systemd, if there are any.
 *
 * @throws ClusterConfigError if each worker would open its own
 * @internal
 */
export function checkInheritedSockets(
  scheduling: Scheduling,
  inherited: Pick<InheritedSockets, 'isEmpty'>,
): void {
  if (scheduling === 'reuse-port' && !inherited.isEmpty) {
    throw ClusterConfigError.ownSockets(scheduling);
  }
}

function prepare(): Omit<PreparedHost, 'reaper'> {
  combineStreams(process);
  cluster.schedulingPolicy = schedulingPolicy(current.options.scheduling);
  const above = parentHost(process.env);
  const inherited = InheritedSockets.take(process.env, process.pid, line =>
    current.logs.named('Cluster').warn(line),
  );
  // Before the others, so that these see the servers that listen on inherited sockets.
  inherited.install();
  const sockets = new ListeningSockets();
  sockets.observe();
  const socketFiles = new SocketFiles();
  process.once('exit', () => socketFiles.close());
  const fork = clusterFork(
    () => current.options,
    error => current.logs.named('Cluster').error(printableError(error)),
    sockets,
    socketFiles,
    inherited,
  );
  return { fork, sockets, socketFiles, inherited, above, startedAt: systemClock.now() };
}

function schedulingPolicy(scheduling: Scheduling): number {
  return scheduling === 'round-robin' ? cluster.SCHED_RR : cluster.SCHED_NONE;
}
