import type { WorkerExitedEvent, WorkerEvent } from '../model/events/cluster-event.interface.js';
import {
  type DrainCause,
  type ListeningAddress,
  NO_SLOT,
  type WorkerExitReason,
  type WorkerVitals,
} from '../model/host-status.interface.js';
import { configMessages } from '../config/config.messages.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import type { BootFailure } from '../ipc/supervision.protocol.js';
import type { HopelessReason } from './policies/hopeless-boot.js';
import { printable, printableLines, printableMessage } from '../system/text/printable.js';
import { type Hello, ownHello } from '../ipc/protocol-version.js';
import type { RecycleReason } from './policies/recycle-policy.js';

type Which = Pick<WorkerEvent, 'slot' | 'generation' | 'pid'>;

const name = ({ slot, generation, pid }: Which): string =>
  `${slot === NO_SLOT ? 'Spare' : `Worker ${slot}`} (generation ${generation}, pid ${pid})`;

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const seconds = (milliseconds: number): string =>
  milliseconds < 100 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;

const drainCauses: Record<DrainCause, string> = {
  stop: 'the host stops',
  reload: 'another one has taken its place',
  recycle: 'another one has taken its place',
  scale: 'there are to be fewer',
  signal: 'it was sent a signal',
  close: 'the application closed itself',
  orphaned: 'the primary is gone',
};

const place = ({ address, port }: ListeningAddress): string =>
  printable(
    port === null
      ? String(address)
      : `${address?.includes(':') ? `[${address}]` : (address ?? '*')}:${port}`,
  );

function exit({ code, signal, uptime }: WorkerExitedEvent): string {
  const how = signal
    ? `was ended by ${signal}`
    : code === null
      ? 'could not be started'
      : `exited with code ${code}`;
  return `${how} after ${seconds(uptime)}`;
}

function drained({ phases }: WorkerExitedEvent): string {
  return phases
    ? `: handover ${phases.handover} ms, connections ${phases.connections} ms, hooks ${phases.hooks} ms`
    : '';
}

const ends: Record<WorkerExitReason, (event: WorkerExitedEvent) => string> = {
  left: event => `left${drained(event)}`,
  crashed: event => `crashed: it ${exit(event)}`,
  'boot-failed': event => `failed to boot: it ${exit(event)}`,
  'boot-timeout': event =>
    `was not ready within ${seconds(event.budget ?? event.uptime)} (boot.timeout) and was killed: its application did not listen`,
  'drain-timeout': event =>
    `did not leave within ${seconds(event.budget ?? event.uptime)} (shutdown.timeout) and was killed`,
  hung: () => 'hung and was killed',
  killed: () => 'was killed',
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
      ? `${listening(failure.address)} may not be listened on by this user (${failure.code}): ${failure.address.port === null ? 'the directory of the socket must be writable' : 'ports below 1024 need the capability CAP_NET_BIND_SERVICE on most systems'}`
      : cannotStart('permission denied')(failure),
  configuration: cannotStart('configuration'),
  'missing-module': cannotStart('missing module'),
  syntax: cannotStart('syntax error'),
  'module-format': cannotStart('module that cannot be loaded'),
  providers: cannotStart('dependency injection'),
};

/** A worker that is recycled. */
interface Recycled {
  readonly vitals: WorkerVitals | undefined;
  readonly uptime: number;
  identify(): Which;
}

const reasons: Record<RecycleReason, (worker: Recycled) => string> = {
  memory: ({ vitals }) =>
    `it uses ${Math.round((vitals?.memory ?? 0) / 2 ** 20)} MB (recycle.maxMemory)`,
  requests: ({ vitals }) => `it has had ${vitals?.requests} requests (recycle.maxRequests)`,
  age: ({ uptime }) => `it is ${seconds(uptime)} old (recycle.maxAge)`,
};

const described = (hello: Hello | undefined): string =>
  hello
    ? `nestjs-cluster ${printable(hello.version)} (protocol ${hello.protocol})`
    : 'an older nestjs-cluster (without a protocol version)';

/** What the primary says. @internal */
export const supervisorMessages = {
  starting: ({ workers, scheduling, ...options }: ResolvedClusterOptions) =>
    `Primary ${process.pid} starts ${plural(workers, 'worker')} (${scheduling}). ${configMessages.namespace(options)}`,
  allReady: (workers: number, milliseconds: number) =>
    `${plural(workers, 'worker')} ready after ${seconds(milliseconds)}`,
  ready: (worker: Which, bootTime: number, addresses: readonly ListeningAddress[]) =>
    `${name(worker)} is ready after ${seconds(bootTime)}${addresses.length > 0 ? ` on ${addresses.map(place).join(', ')}` : ''}`,
  standby: (worker: Which, bootTime: number) =>
    `${name(worker)} stands by after ${seconds(bootTime)}`,
  draining: (worker: Which, cause: DrainCause) => `${name(worker)} drains: ${drainCauses[cause]}`,
  exited: (event: WorkerExitedEvent, respawnDelay: number | undefined) =>
    `${name(event)} ${ends[event.reason](event)}${respawnDelay === undefined ? '' : `. The next one starts in ${respawnDelay} ms`}`,
  failed: (event: WorkerExitedEvent, error: string | undefined) =>
    `${name(event)} ${ends[event.reason](event)}${error ? `. It said: ${printable(error)}` : ''}`,
  hung: (worker: Which, timeout: number, stack: string | undefined) =>
    `${name(worker)} has not been heard of for ${seconds(timeout)} (heartbeat.timeout): it is killed, and replaced. ` +
    (stack === undefined
      ? 'Where it hangs could not be found out: it is blocked outside of JavaScript, or has SIGUSR1 for itself'
      : `It hangs here:\n${printableLines(stack)}`),
  invalid: (worker: Which, reason: string) =>
    `${name(worker)} sent an invalid message; it was ignored, as are further ones: ${printableMessage(reason)}`,
  fault: (worker: Which, what: string) =>
    `${printable(what)} of ${name(worker)} could not be handled. This is a fault of nestjs-cluster`,
  incompatible: (hello: Hello | undefined) =>
    `The worker has ${described(hello)}, this primary ${described(ownHello())}. Restart the host: a reload replaces workers, but not the primary`,
  killedAsIncompatible: (worker: Which, why: string) =>
    `${name(worker)} is incompatible with this primary and is killed. ${why}`,
  overloaded: (worker: Which, delay: number) =>
    `${name(worker)} cannot keep up, and takes no new connections until it has recovered: its event loop is ${delay} ms late (overload.maxDelay)`,
  recovered: (worker: Which) => `${name(worker)} takes new connections again`,
  outputResumed: (worker: Which, stream: string, duration: number) =>
    `The ${stream} of ${name(worker)} was not read for ${seconds(duration)}, because whoever reads the output of this host did not keep up. The worker may have been waiting meanwhile`,
  outputClosed: (stream: string, error: Error) =>
    `Nobody reads the ${stream} of this host any more (${error.message}): what workers write to it is discarded, and counted in discardedOutput of the status`,
  reloading: (generation: number) => `Reload to generation ${generation}, new workers before old`,
  reloaded: (generation: number, milliseconds: number) =>
    `Reloaded to generation ${generation} within ${seconds(milliseconds)}`,
  reloadFailed: (generation: number, why: string) =>
    `The reload to generation ${generation} failed, and the workers that it has not replaced serve on: ${printableMessage(why)}`,
  scaling: (before: number, count: number) => `From ${before} to ${plural(count, 'worker')}`,
  scalingFailed: (before: number, count: number, why: string) =>
    `There are ${plural(before, 'worker')} as before, and not ${count}: ${printableMessage(why)}`,
  recycling: (worker: Recycled, reason: RecycleReason) =>
    `${name(worker.identify())} has had its time, and is replaced: ${reasons[reason](worker)}`,
  recyclingFailed: (worker: Recycled, why: string, retryAfter: number) =>
    `${name(worker.identify())} serves on, as its replacement has failed; the next try is in ${seconds(retryAfter)}: ${printableMessage(why)}`,
  recyclingInVain: (worker: Recycled, retryAfter: number) =>
    `${name(worker.identify())} has been started anew for its memory, and uses as much already: recycling pauses for ${seconds(retryAfter)}. Raise recycle.maxMemory, or run fewer workers`,
  promoted: (slot: number, { pid }: Which) => `The spare (pid ${pid}) takes slot ${slot}`,
  unpromotable: () =>
    'This application has no server that could begin to listen later, so that a spare would work at once: there are no spares (spare)',
  hopeless: (reason: HopelessReason, failure: BootFailure) =>
    `${printableLines(hopeless[reason](failure))}. No worker was ever ready, and further attempts would fail, too: the host ends`,
  gaveUp: (boots: number, error: string | undefined) =>
    `Gave up after ${plural(boots, 'failed boot')} in a row with no worker ready${error ? `. The last one said: ${printable(error)}` : ''}`,
  stopping: (signal: string, workers: number, timeout: number) =>
    `${signal}: ${plural(workers, 'worker')} drain${workers === 1 ? 's' : ''} within ${seconds(timeout)}${signal === 'SIGINT' ? '. Ctrl-C again stops at once' : ''}`,
  readinessDelay: (delay: number) => `Serving on for ${delay} ms (shutdown.readinessDelay)`,
  stopped: (milliseconds: number, killed: number) =>
    killed === 0
      ? `Stopped after ${seconds(milliseconds)}`
      : `Stopped after ${seconds(milliseconds)}: ${plural(killed, 'worker')} did not leave in good order`,
  guardEnded: () =>
    'The shell that ends blocked workers when the primary is killed has ended itself; another one is started',
  stoppedAtOnce: () => 'Second signal: stopping at once, without draining',
  ownSignalHandler: (signal: string) =>
    `This process has a ${signal} handler of its own, which runs in the primary too. If it exits, workers are cut short: ` +
    "keep it for where clusterRole() is not 'primary', or use onModuleDestroy",
  closesItself: () =>
    'The application has ended by itself, without an error, three times in a row, and is started again each time, later and later. ' +
    'If it is a script that ends when its work is done, it needs no workers: create it with NestFactory.createApplicationContext(), and do not set ' +
    "the option contexts (CLUSTER_CONTEXTS) to 'cluster'; or run it in one process with CLUSTER_WORKERS=0",
  hostAboveEnded: (pid: number) =>
    `The host that has started this one (primary ${pid}) has ended: this one stops, too`,
  inspected: () => 'Under an inspector: boot.timeout and heartbeat.timeout do not apply',
  migrationOff: () =>
    "scheduling 'reuse-port' loses the connections in a leaving worker's queue while net.ipv4.tcp_migrate_req is 0. " +
    'Set it: sysctl -w net.ipv4.tcp_migrate_req=1 (Linux 5.14 or later)',
};
