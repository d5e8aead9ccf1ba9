import type { WorkerExitedEvent, WorkerEvent } from '../model/events/cluster-event.interface.js';
import {
  type DrainCause,
  type ListeningAddress,
  NO_SLOT,
  type WorkerExitReason,
  type WorkerVitals,
} from '../model/host-status.interface.js';
import { configMessages } from '../config/config.messages.js';
import type { PrimaryOptions } from '../config/primary-options.js';
import type { BootFailure } from '../ipc/supervision.protocol.js';
import type { HopelessReason } from './policies/hopeless-boot.js';
import { plural } from '../system/text/plural.js';
import { printable, printableLines, printableMessage } from '../system/text/printable.js';
import { seconds } from '../system/text/seconds.js';
import { type Hello, ownHello } from '../ipc/protocol-version.js';
import type { RecycleReason } from './policies/recycle-policy.js';

type Which = Pick<WorkerEvent, 'slot' | 'generation' | 'pid'>;

const name = ({ slot, generation, pid }: Which): string =>
  `${slot === NO_SLOT ? 'Spare' : `Worker ${slot}`} (generation ${generation}, pid ${pid})`;

const drainCauses: Record<DrainCause, string> = {
  stop: 'the host stops',
  reload: 'its replacement is ready',
  recycle: 'its replacement is ready',
  scale: 'the number of workers was reduced',
  signal: 'it received a signal',
  close: 'the application closed itself',
  orphaned: 'the primary has exited',
};

const place = ({ address, port }: ListeningAddress): string =>
  printable(
    port === null
      ? String(address)
      : `${address?.includes(':') ? `[${address}]` : (address ?? '*')}:${port}`,
  );

function exit({ code, signal, uptime }: WorkerExitedEvent): string {
  const how = signal
    ? `was terminated by ${signal}`
    : code === null
      ? 'could not be started'
      : `exited with code ${code}`;
  return `${how} after ${seconds(uptime)}`;
}

function drained({ phases }: WorkerExitedEvent): string {
  return phases
    ? `drained and exited: handover ${phases.handover} ms, connections ${phases.connections} ms, hooks ${phases.hooks} ms`
    : 'exited';
}

/** The end of a worker that the primary kills. It may have been faster than the signal. */
const howKilled = ({ code, signal }: WorkerExitedEvent): string =>
  signal === null && code !== null
    ? `and ended by itself with code ${code} before it could be killed`
    : 'and was killed';

const ends: Record<WorkerExitReason, (event: WorkerExitedEvent) => string> = {
  left: drained,
  crashed: event => `crashed: it ${exit(event)}`,
  'boot-failed': event => `failed to boot: it ${exit(event)}`,
  'boot-timeout': event =>
    `was not ready within ${seconds(event.budget ?? event.uptime)} (boot.timeout) ${howKilled(event)}: its application did not listen`,
  'drain-timeout': event =>
    `did not exit within ${seconds(event.budget ?? event.uptime)} (shutdown.timeout) ${howKilled(event)}`,
  hung: event => `hung ${howKilled(event)}`,
  killed: ({ code, signal }) =>
    signal ? 'was killed' : `ended by itself with code ${code} before it could be killed`,
};

const listening = ({ address, port }: ListeningAddress): string =>
  port === null ? `The Unix socket ${address}` : `Port ${port}`;

const cannotStart = (what: string) => (failure: BootFailure) =>
  `The application cannot start (${what}): ${failure.message.replace(/\.$/, '')}`;

const hopeless: Record<HopelessReason, (failure: BootFailure) => string> = {
  'port-in-use': failure =>
    failure.address
      ? `${listening(failure.address)} is in use (${failure.code}): another process listens there, probably another instance of this application. Stop that process, or choose another port`
      : cannotStart('address in use')(failure),
  permission: failure =>
    failure.address
      ? `${listening(failure.address)} cannot be opened by this user (${failure.code}): ${failure.address.port === null ? 'the directory of the socket must be writable' : 'ports below 1024 need the capability CAP_NET_BIND_SERVICE on most systems'}`
      : cannotStart('permission denied')(failure),
  configuration: cannotStart('configuration'),
  'missing-module': cannotStart('missing module'),
  syntax: cannotStart('syntax error'),
  'module-format': cannotStart('module that cannot be loaded'),
  providers: cannotStart('dependency injection'),
};

/** A worker that is being recycled. */
interface Recycled {
  readonly vitals: WorkerVitals | undefined;
  readonly uptime: number;
  identify(): Which;
}

const reasons: Record<RecycleReason, (worker: Recycled) => string> = {
  memory: ({ vitals }) =>
    `it uses ${Math.round((vitals?.memory ?? 0) / 2 ** 20)} MB (recycle.maxMemory)`,
  requests: ({ vitals }) => `it has handled ${vitals?.requests} requests (recycle.maxRequests)`,
  age: ({ uptime }) => `it has run for ${seconds(uptime)} (recycle.maxAge)`,
};

const described = (hello: Hello | undefined): string =>
  hello
    ? `nestjs-cluster ${printable(hello.version)} (protocol ${hello.protocol})`
    : 'an older nestjs-cluster (without a protocol version)';

/** The log lines of the primary. @internal */
export const supervisorMessages = {
  starting: ({ workers, scheduling, ...options }: PrimaryOptions) =>
    `Primary ${process.pid} starts ${plural(workers, 'worker')} (${scheduling}). ${configMessages.namespace(options)}`,
  allReady: (workers: number, milliseconds: number) =>
    `${plural(workers, 'worker')} ready after ${seconds(milliseconds)}`,
  ready: (worker: Which, bootTime: number, addresses: readonly ListeningAddress[]) =>
    `${name(worker)} is ready after ${seconds(bootTime)}${addresses.length > 0 ? ` on ${addresses.map(place).join(', ')}` : ''}`,
  standby: (worker: Which, bootTime: number) =>
    `${name(worker)} booted in ${seconds(bootTime)} and is on standby`,
  draining: (worker: Which, cause: DrainCause) =>
    `${name(worker)} is draining: ${drainCauses[cause]}`,
  exited: (event: WorkerExitedEvent, respawnDelay: number | undefined) =>
    `${name(event)} ${ends[event.reason](event)}${respawnDelay === undefined ? '' : `. Its replacement starts in ${respawnDelay} ms`}`,
  failed: (event: WorkerExitedEvent, error: string | undefined) =>
    `${name(event)} ${ends[event.reason](event)}${error ? `. Last error: ${printable(error)}` : ''}`,
  hung: (worker: Which, timeout: number, stack: string | undefined) =>
    `${name(worker)} did not send a heartbeat for ${seconds(timeout)} (heartbeat.timeout); killing and replacing it. ` +
    (stack === undefined
      ? 'The blocking code is unknown: the worker is blocked in native code, or handles SIGUSR1 itself'
      : `It is blocked here:\n${printableLines(stack)}`),
  invalid: (worker: Which, reason: string) =>
    `${name(worker)} sent an invalid message, which was ignored; further ones are ignored without a log line. Reason: ${printableMessage(reason)}`,
  fault: (worker: Which, what: string) =>
    `${printable(what)} of ${name(worker)} could not be handled. This is a bug in nestjs-cluster; please report it`,
  incompatible: (hello: Hello | undefined) =>
    `The worker runs ${described(hello)}, this primary runs ${described(ownHello())}. Restart the host: a reload replaces the workers but not the primary`,
  killedAsIncompatible: (worker: Which, why: string) =>
    `${name(worker)} is incompatible with this primary; killing it. ${why}`,
  overloaded: (worker: Which, delay: number, unlogged: number) =>
    `${name(worker)} is overloaded and accepts no new connections until it has recovered: its event loop is ${delay} ms late (overload.maxDelay)${unlogged > 0 ? `. It was overloaded ${plural(unlogged, 'time')} since the last such line` : ''}`,
  recovered: (worker: Which) => `${name(worker)} has recovered and accepts new connections again`,
  outputResumed: (worker: Which, stream: string, duration: number) =>
    `The ${stream} of ${name(worker)} was not read for ${seconds(duration)}, because the reader of this host's output was too slow. The worker may have been blocked while it wrote`,
  outputClosed: (stream: string, error: Error) =>
    `The ${stream} of this host was closed by its reader (${error.message}). Output of the workers is discarded, and counted in discardedOutput of the status`,
  reloading: (generation: number) =>
    `Reloading to generation ${generation}: each new worker becomes ready before its predecessor drains`,
  reloaded: (generation: number, milliseconds: number) =>
    `Reloaded to generation ${generation} in ${seconds(milliseconds)}`,
  reloadFailed: (generation: number, why: string) =>
    `The reload to generation ${generation} failed; workers that were not replaced continue to serve. Cause: ${printableMessage(why)}`,
  scaling: (before: number, count: number) =>
    `Scaling from ${before} to ${plural(count, 'worker')}`,
  scalingFailed: (before: number, count: number, why: string) =>
    `Scaling to ${plural(count, 'worker')} failed; still running ${before}. Cause: ${printableMessage(why)}`,
  recycling: (worker: Recycled, reason: RecycleReason) =>
    `Replacing ${name(worker.identify())}: ${reasons[reason](worker)}`,
  recyclingFailed: (worker: Recycled, why: string, retryAfter: number) =>
    `The replacement of ${name(worker.identify())} failed; the worker continues to serve, and recycling is retried in ${seconds(retryAfter)}. Cause: ${printableMessage(why)}`,
  recyclingInVain: (worker: Recycled, retryAfter: number) =>
    `${name(worker.identify())} replaced a worker that used too much memory, and already uses too much itself; recycling pauses for ${seconds(retryAfter)}. Raise recycle.maxMemory, or run fewer workers`,
  stopRequested: () => 'Stop requested on the control socket',
  restarting: (slot: number) =>
    `Restarting the worker in slot ${slot}: its replacement becomes ready first`,
  restartFailed: (slot: number, why: string) =>
    `The restart of the worker in slot ${slot} failed; the worker continues to serve. Cause: ${printableMessage(why)}`,
  promoted: (slot: number, { pid }: Which) => `The spare (pid ${pid}) takes over slot ${slot}`,
  unpromotable: () =>
    'Spares are disabled (spare): this application has no server whose listen() can be delayed, so a spare would handle work at once',
  hopeless: (reason: HopelessReason, failure: BootFailure) =>
    `${printableLines(hopeless[reason](failure))}. No worker was ever ready, and further attempts would fail as well: the host exits`,
  gaveUp: (boots: number, error: string | undefined) =>
    `Gave up after ${plural(boots, 'failed boot')} in a row with no worker ready${error ? `. Last error: ${printable(error)}` : ''}`,
  stopping: (why: string, workers: number, timeout: number) =>
    `${why}: draining ${plural(workers, 'worker')} within ${seconds(timeout)}${why === 'SIGINT' ? '. Press Ctrl-C again to stop at once' : ''}`,
  /** The reason of `stopping()`. */
  terminalClosed: (signal: string) => `${signal}, because the terminal of the host was closed`,
  readinessDelay: (delay: number) =>
    `Continuing to serve for ${delay} ms (shutdown.readinessDelay)`,
  stopped: (milliseconds: number, killed: number) =>
    killed === 0
      ? `Stopped after ${seconds(milliseconds)}`
      : `Stopped after ${seconds(milliseconds)}: ${plural(killed, 'worker')} crashed or had to be killed`,
  reaperEnded: () =>
    'The shell that kills blocked workers if the primary dies has exited; starting another one',
  stoppedAtOnce: () => 'Second signal: stopping at once, without draining',
  ownSignalHandler: (signal: string) =>
    `This process has its own ${signal} handler, which also runs in the primary. If it exits the process, the workers lose their in-flight requests. ` +
    "Install it only where clusterRole() is not 'primary', or use onModuleDestroy",
  closesItself: () =>
    'The application ended by itself, without an error, three times in a row. It is restarted each time, with a growing delay. ' +
    'If it is a script that ends when its work is done, it needs no workers: create it with NestFactory.createApplicationContext(), and do not set ' +
    "the option contexts (CLUSTER_CONTEXTS) to 'cluster'; or run it in one process with CLUSTER_WORKERS=0",
  parentHostEnded: (pid: number) =>
    `The host that started this one (primary ${pid}) has exited; stopping this host as well`,
  inspected: () => 'An inspector is open: boot.timeout and heartbeat.timeout do not apply',
  migrationOff: () =>
    "scheduling 'reuse-port' loses the queued connections of a leaving worker while net.ipv4.tcp_migrate_req is 0. " +
    'Run: sysctl -w net.ipv4.tcp_migrate_req=1 (Linux 5.14 or later)',
};
