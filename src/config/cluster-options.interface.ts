import type {
  RedisClient,
  RedisConnectionOptions,
} from '../redis/options/redis-connection-options.interface.js';
import type { ClusterEventCallbacks } from '../model/events/cluster-event.interface.js';

/**
 * How connections reach the workers.
 *
 * - `round-robin`: the primary accepts and hands out in turn. Even load, and a drain that loses nothing.
 * - `shared`: the workers accept from one shared socket. Less work for the primary, less even load.
 * - `reuse-port`: each worker has a socket of its own and the kernel spreads connections over them
 *   (`SO_REUSEPORT`). The most short connections per second; loses what a leaving worker's
 *   queue holds unless `net.ipv4.tcp_migrate_req` is 1. Linux, Node 22.12 or later.
 *
 * @publicApi
 */
export type Scheduling = 'round-robin' | 'shared' | 'reuse-port';

/**
 * What `NestFactory.createApplicationContext()` does.
 *
 * - `single`: the context runs in the process that creates it, as without this package. For scripts, the REPL
 *   and command-line tools.
 * - `cluster`: the context runs in workers, as an application does. For queue consumers.
 *
 * @publicApi
 */
export type ContextMode = 'single' | 'cluster';

/** @publicApi */
export interface BootOptions {
  /**
   * Milliseconds a worker may take until it is ready. One that takes longer is killed, and counts
   * as a failed boot. Does not apply while the primary runs under an inspector.
   *
   * Environment: `CLUSTER_BOOT_TIMEOUT`.
   * @defaultValue 60000
   */
  timeout?: number;
}

/** @publicApi */
export interface RestartOptions {
  /**
   * Milliseconds before the first attempt to replace a worker that ended on its own: a random time
   * up to this (full jitter). Doubles with each further failure of the slot, and starts anew once a
   * worker has been healthy for a minute.
   *
   * Environment: `CLUSTER_RESTART_INITIAL_DELAY`.
   * @defaultValue 100
   */
  initialDelay?: number;
  /**
   * Milliseconds that the delay never exceeds.
   *
   * Environment: `CLUSTER_RESTART_MAX_DELAY`.
   * @defaultValue 30000
   */
  maxDelay?: number;
  /**
   * After this many failed boots of one slot in a row, and with no worker ready, the primary gives up and
   * exits with code 1, so that Docker, Kubernetes or systemd sees it.
   *
   * Environment: `CLUSTER_RESTART_GIVE_UP_AFTER`.
   * @defaultValue 5
   */
  giveUpAfter?: number;
  /**
   * Whether connections that the primary had handed to a worker which was killed before it took them are
   * given to another one. Otherwise they are closed. With `round-robin`; relies
   * on how `node:cluster` hands connections over, and does nothing where it does so in another way.
   *
   * Environment: `CLUSTER_RESTART_REDELIVER`.
   * @defaultValue true
   */
  redeliver?: boolean;
}

/** @publicApi */
export interface ReloadOptions {
  /**
   * How many workers there may be beyond those that are wanted while a reload goes on: booting, serving or
   * draining. More is faster, and takes more memory. Workers that wait for the reload in a
   * `ClusterService.reload()` of theirs are replaced together at its end.
   *
   * Environment: `CLUSTER_RELOAD_MAX_SURGE`.
   * @defaultValue 1
   */
  maxSurge?: number;
  /**
   * Milliseconds that the first replacement has to stay healthy before a worker goes, and before the
   * others follow: the first half without listening, the second half serving.
   *
   * Environment: `CLUSTER_RELOAD_SOAK`.
   * @defaultValue 0
   */
  soak?: number;
}

/** @publicApi */
export interface HeartbeatOptions {
  /**
   * Milliseconds from one sign of life of a worker to the next; 0 for none: then nobody notices a worker
   * that hangs.
   *
   * Environment: `CLUSTER_HEARTBEAT_INTERVAL`.
   * @defaultValue 1000
   */
  interval?: number;
  /**
   * Milliseconds without one until a worker counts as hung: its event loop is blocked. It is replaced, and
   * killed. Does not apply while the primary runs under an inspector.
   *
   * Environment: `CLUSTER_HEARTBEAT_TIMEOUT`.
   * @defaultValue 30000
   */
  timeout?: number;
}

/** @publicApi */
export interface RecycleOptions {
  /**
   * How much memory a worker may use (resident set size) until it is replaced: bytes, a text such as
   * `'512mb'`, or a share such as `'80%'` of what the container grants, each worker having its part of
   * that. 0 for no limit.
   *
   * Environment: `CLUSTER_RECYCLE_MAX_MEMORY`.
   * @defaultValue 0
   */
  maxMemory?: number | string;
  /**
   * How many HTTP requests a worker may have until it is replaced; 0 for no limit.
   *
   * Environment: `CLUSTER_RECYCLE_MAX_REQUESTS`.
   * @defaultValue 0
   */
  maxRequests?: number;
  /**
   * Milliseconds after which a worker is replaced; 0 for no limit.
   *
   * Environment: `CLUSTER_RECYCLE_MAX_AGE`.
   * @defaultValue 0
   */
  maxAge?: number;
  /**
   * How much of each limit is taken off at random for each worker, from 0 to 1, so that not all of
   * them are due at the same time. Nothing is ever added: a limit is never exceeded on purpose.
   *
   * Environment: `CLUSTER_RECYCLE_JITTER`.
   * @defaultValue 0.1
   */
  jitter?: number;
}

/** @publicApi */
export interface OverloadOptions {
  /**
   * Milliseconds by which the event loop of a worker may be late on average. One that is later takes no new
   * connections until it has recovered to half of that; at most every second worker at the same time.
   * 0 for no limit. With `round-robin` and `shared`.
   *
   * Environment: `CLUSTER_OVERLOAD_MAX_DELAY`.
   * @defaultValue 0
   */
  maxDelay?: number;
}

/** @publicApi */
export interface ShutdownOptions {
  /**
   * Milliseconds for a whole stop, the readiness delay included: connections may use four fifths of
   * it, shutdown hooks the rest. What is left then is killed, and the primary exits with code 1.
   * Keep it below what your platform grants (Kubernetes: 30 s).
   *
   * Environment: `CLUSTER_SHUTDOWN_TIMEOUT`.
   * @defaultValue 25000
   */
  timeout?: number;
  /**
   * Milliseconds to serve on after the host has begun to stop and before it stops accepting, for
   * balancers that must notice first. `ClusterService.status()` says `stopping` meanwhile.
   *
   * Environment: `CLUSTER_SHUTDOWN_READINESS_DELAY`.
   * @defaultValue 0
   */
  readinessDelay?: number;
  /**
   * Milliseconds over which a worker that drains closes its WebSockets, one after the other, so that
   * thousands of clients do not come back in the same moment; `0`: all at once. Begins with the drain,
   * and is cut short where the budget is.
   *
   * Environment: `CLUSTER_SHUTDOWN_WEB_SOCKET_WINDOW`.
   * @defaultValue 1000
   */
  webSocketWindow?: number;
}

/** @publicApi */
export interface StateOptions {
  /**
   * Milliseconds within which each call on the shared state settles, with its value or with an error;
   * an `update()` after as long at most does not begin anew.
   *
   * Environment: `CLUSTER_STATE_TIMEOUT`.
   * @defaultValue 2000
   */
  timeout?: number;
  /**
   * How many replicas of Redis must have a change before it counts as made: it then survives the loss
   * of the master. One wait for all the changes of a batch. In memory there are no replicas.
   *
   * Environment: `CLUSTER_STATE_REPLICAS`.
   * @defaultValue 0
   */
  replicas?: number;
  /**
   * How long a value may be as JSON: bytes, or a text such as `'512kb'`; at most 64 MiB. A large value
   * keeps everybody else waiting while it is on its way.
   *
   * Environment: `CLUSTER_STATE_MAX_VALUE_BYTES`.
   * @defaultValue '1mb'
   */
  maxValueBytes?: number | string;
  /**
   * How much memory of the primary the shared state and the bus may use: bytes, a text such as `'512mb'`, or a share
   * such as `'50%'` of V8's heap limit (`--max-old-space-size`). Whatever is asked for, 80 MiB of the heap are left
   * to the process itself. Writes that find no room fail with a `StateFullError`. With the option `redis`, which has
   * memory of its own, it bounds what is on its way to workers.
   *
   * Environment: `CLUSTER_STATE_MAX_MEMORY`.
   * @defaultValue '50%'
   */
  maxMemory?: number | string;
}

/** @publicApi */
export interface BusOptions {
  /**
   * Milliseconds within which the publication of an event settles. A subscription to a backend that is
   * away is not waited for longer either: it begins when that is back.
   *
   * Environment: `CLUSTER_BUS_TIMEOUT`.
   * @defaultValue 2000
   */
  timeout?: number;
  /**
   * Milliseconds that `ask()` waits for answers, unless it is told another time.
   *
   * Environment: `CLUSTER_BUS_ASK_TIMEOUT`.
   * @defaultValue 5000
   */
  askTimeout?: number;
  /**
   * How long a payload may be as JSON: bytes, or a text such as `'512kb'`; at most 64 MiB.
   *
   * Environment: `CLUSTER_BUS_MAX_PAYLOAD_BYTES`.
   * @defaultValue '1mb'
   */
  maxPayloadBytes?: number | string;
  /**
   * How much may wait: for one subscription whose handler is slower than its events, and in the primary
   * for one worker that does not read. Bytes, or a text such as `'512kb'`. What there is no room for is
   * told as a gap; of reliable topics it is read later.
   *
   * Environment: `CLUSTER_BUS_MAX_QUEUE_BYTES`.
   * @defaultValue '16mb'
   */
  maxQueueBytes?: number | string;
}

/**
 * Options of `ClusterModule.forRoot()`. Each one: what is written here, else its environment
 * variable, else its default. `CLUSTER_WORKERS=0` always wins, whatever `workers` is here.
 *
 * @publicApi
 */
export interface ClusterModuleOptions {
  /**
   * How many workers to run. `'auto'` is what this process may use: the smaller of the available
   * cores and the container's CPU quota, at least 1. `0` runs the application in this one process.
   *
   * Environment: `CLUSTER_WORKERS`; `0` there wins over what is written here.
   * @defaultValue 'auto'
   */
  workers?: number | 'auto';
  /**
   * What `NestFactory.createApplicationContext()` does: `'single'` runs the context in the process that creates
   * it; `'cluster'` runs it in workers. `NestFactory.create()` and `createMicroservice()` always use workers.
   *
   * Environment: `CLUSTER_CONTEXTS`.
   * @defaultValue 'single'
   */
  contexts?: ContextMode;
  /**
   * How connections reach the workers.
   *
   * Environment: `CLUSTER_SCHEDULING`.
   * @defaultValue 'round-robin'
   */
  scheduling?: Scheduling;
  /** The start of a worker. */
  boot?: BootOptions;
  /** The replacement of workers that end on their own. */
  restart?: RestartOptions;
  /** The replacement of all workers, by SIGHUP or `ClusterService.reload()`. */
  reload?: ReloadOptions;
  /** The signs of life by which a worker that hangs is found. */
  heartbeat?: HeartbeatOptions;
  /** The replacement of workers that have had their time. */
  recycle?: RecycleOptions;
  /** What a worker does that cannot keep up. */
  overload?: OverloadOptions;
  /**
   * How many workers stand by, fully booted but not listening, to take the place of one that dies within
   * milliseconds; up to 16. Until it has that place, its slot is -1. Each takes as much memory as a worker, and runs whatever your providers do
   * when they are bootstrapped.
   *
   * Environment: `CLUSTER_SPARE`.
   * @defaultValue 0
   */
  spare?: number;
  /** The end of a worker and of the host. */
  shutdown?: ShutdownOptions;
  /**
   * Where `SharedState` and `ClusterBus` are, if not in the memory of the primary: then they are shared by
   * all hosts of the namespace, and outlive them. A URL; options of ioredis, also for Sentinel and Cluster; or an
   * ioredis client of your own. Needs the package `ioredis`. A password with one of `/ ? # @ %` is percent-encoded in
   * a URL.
   *
   * Environment: `CLUSTER_REDIS_URL`.
   * @defaultValue none: the memory of the primary
   */
  redis?: string | RedisConnectionOptions | RedisClient | null;
  /**
   * What the name of every key and channel of this application begins with. Applications that share
   * a Redis have one each. By default the application's name: `name` of the nearest package.json above the main script
   * (`@a/b` is `a.b`), in a Nest monorepo followed by the name of the project (`a.b.api`).
   *
   * Environment: `CLUSTER_NAMESPACE`.
   * @defaultValue the application's name; `'nestjs-cluster'` without one
   */
  namespace?: string;
  /** The shared state. */
  state?: StateOptions;
  /** The bus. */
  bus?: BusOptions;
  /**
   * Callbacks that run in the primary, where no provider of yours exists: keep them small.
   * In workers, `ClusterService.events` is the same stream.
   */
  events?: ClusterEventCallbacks;
}

/**
 * For `forRootAsync({ useClass })` and `forRootAsync({ useExisting })`.
 *
 * @publicApi
 */
export interface ClusterOptionsFactory {
  createClusterOptions(): ClusterModuleOptions | Promise<ClusterModuleOptions>;
}
