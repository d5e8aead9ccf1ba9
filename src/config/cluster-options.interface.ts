import type {
  IoRedisOptions,
  RedisClient,
  RedisConnectionOptions,
} from '../redis/options/redis-connection-options.interface.js';
import type { LoggerService } from '@nestjs/common';
import type { DoctorOptions } from './doctor-checks.js';
import type { ClusterEventCallbacks } from '../model/events/cluster-event.interface.js';

/**
 * How connections reach the workers.
 *
 * - `round-robin`: the primary accepts connections and hands them to the workers in turn. The load is even, and a
 *   drain loses no connection.
 * - `shared`: the workers accept from one shared socket. The primary has less work, and the load is less even.
 * - `reuse-port`: each worker has its own socket, and the kernel distributes connections over them (`SO_REUSEPORT`).
 *   Handles the most short connections per second. Loses the connections in the queue of a worker that leaves, unless
 *   `net.ipv4.tcp_migrate_req` is 1. Needs Linux and Node.js 22.12 or later.
 *
 * @publicApi
 */
export type Scheduling = 'round-robin' | 'shared' | 'reuse-port';

/**
 * What `NestFactory.createApplicationContext()` does.
 *
 * - `single`: the context runs in the process that creates it, as without this package. Use it for scripts, the REPL
 *   and command-line tools.
 * - `cluster`: the context runs in workers, as an application does. Use it for queue consumers.
 *
 * @publicApi
 */
export type ContextMode = 'single' | 'cluster';

/** How workers boot. @publicApi */
export interface BootOptions {
  /**
   * Kills a worker that is not ready after this many milliseconds, and counts a failed boot.
   *
   * Does not apply while the primary runs under an inspector.
   *
   * Environment: `CLUSTER_BOOT_TIMEOUT`.
   * @defaultValue 60000
   */
  timeout?: number | undefined;
}

/** How workers that have ended are replaced. @publicApi */
export interface RestartOptions {
  /**
   * Initial backoff in ms before a failed worker is replaced; doubles with each failure of the slot.
   *
   * The delay is a random time between 0 and the backoff. The backoff returns to this value after a worker of the slot
   * has been healthy for a minute.
   *
   * Environment: `CLUSTER_RESTART_INITIAL_DELAY`.
   * @defaultValue 100
   */
  initialDelay?: number | undefined;
  /**
   * Maximum backoff in ms.
   *
   * Environment: `CLUSTER_RESTART_MAX_DELAY`.
   * @defaultValue 30000
   */
  maxDelay?: number | undefined;
  /**
   * Number of consecutive failed boots of one slot after which the primary exits with code 1, if no worker is ready.
   *
   * The exit code tells Docker, Kubernetes or systemd that the application does not start.
   *
   * Environment: `CLUSTER_RESTART_GIVE_UP_AFTER`.
   * @defaultValue 5
   */
  giveUpAfter?: number | undefined;
  /**
   * Whether connections that a killed worker had not acknowledged go to another worker; otherwise they are closed.
   *
   * Applies to `scheduling: 'round-robin'`. Relies on how `node:cluster` hands over connections, and has no effect in
   * Node.js versions that do it differently.
   *
   * Environment: `CLUSTER_RESTART_REDELIVER`.
   * @defaultValue true
   */
  redeliver?: boolean | undefined;
}

/** How a rolling restart replaces the workers. @publicApi */
export interface ReloadOptions {
  /**
   * Maximum number of additional workers during a reload.
   *
   * It counts the workers beyond those wanted: booting, serving and draining. A higher number makes a reload faster and
   * takes more memory. Workers that wait for `ClusterService.reload()` are replaced together at the end.
   *
   * Environment: `CLUSTER_RELOAD_MAX_SURGE`.
   * @defaultValue 1
   */
  maxSurge?: number | undefined;
  /**
   * Time in ms that the canary (the first replacement) must stay healthy before the reload continues.
   *
   * The canary does not listen during the first half, and serves requests during the second half.
   *
   * Environment: `CLUSTER_RELOAD_SOAK`.
   * @defaultValue 0
   */
  soak?: number | undefined;
}

/** How the primary detects workers whose event loop is blocked. @publicApi */
export interface HeartbeatOptions {
  /**
   * Time in ms between two heartbeats of a worker; `0` switches heartbeats and the detection of hung workers off.
   *
   * Environment: `CLUSTER_HEARTBEAT_INTERVAL`.
   * @defaultValue 1000
   */
  interval?: number | undefined;
  /**
   * Kills and replaces a worker that has sent no heartbeat for this many milliseconds.
   *
   * The event loop of such a worker is blocked. Does not apply while the primary runs under an inspector.
   *
   * Environment: `CLUSTER_HEARTBEAT_TIMEOUT`.
   * @defaultValue 30000
   */
  timeout?: number | undefined;
}

/** When a worker is replaced because of its memory, requests or age. @publicApi */
export interface RecycleOptions {
  /**
   * Replaces a worker whose resident memory reaches this; `'80%'`: of the container's memory, divided by the workers; `0`: no limit.
   *
   * A share refers to the memory limit of the container, or else to the memory of the machine, and is divided by the
   * number of workers, including spares. Less than 1 MiB is refused, because a unit or `%` is missing then.
   *
   * Environment: `CLUSTER_RECYCLE_MAX_MEMORY`.
   * @defaultValue 0
   */
  maxMemory?: number | string | undefined;
  /**
   * Replaces a worker after this many HTTP requests; `0`: no limit.
   *
   * Environment: `CLUSTER_RECYCLE_MAX_REQUESTS`.
   * @defaultValue 0
   */
  maxRequests?: number | undefined;
  /**
   * Replaces a worker after this many milliseconds; `0`: no limit.
   *
   * Environment: `CLUSTER_RECYCLE_MAX_AGE`.
   * @defaultValue 0
   */
  maxAge?: number | undefined;
  /**
   * Maximum share, from 0 to 1, by which the limits of each worker are randomly lowered.
   *
   * Workers that started together then do not reach their limits together. Limits are never raised.
   *
   * Environment: `CLUSTER_RECYCLE_JITTER`.
   * @defaultValue 0.1
   */
  jitter?: number | undefined;
}

/** When a worker takes no new connections because it cannot keep up. @publicApi */
export interface OverloadOptions {
  /**
   * Average event loop delay in ms above which a worker accepts no new connections; `0`: no limit.
   *
   * The worker accepts connections again when the delay has fallen to half of this. At most half of the workers
   * shed load at the same time. Applies to `scheduling: 'round-robin'` and `'shared'`.
   *
   * Environment: `CLUSTER_OVERLOAD_MAX_DELAY`.
   * @defaultValue 0
   */
  maxDelay?: number | undefined;
}

/** How workers drain and stop. @publicApi */
export interface ShutdownOptions {
  /**
   * Time in ms for a complete stop; workers that are still running then are killed, and the exit code is 1.
   *
   * The time includes `readinessDelay`. Connections may use four fifths of it, shutdown hooks the rest. Set it below the
   * grace period of the platform (Kubernetes: 30 s).
   *
   * Environment: `CLUSTER_SHUTDOWN_TIMEOUT`.
   * @defaultValue 25000
   */
  timeout?: number | undefined;
  /**
   * Time in ms that the host continues to serve after a stop has begun, so that load balancers notice the stop.
   *
   * `ClusterService.status()` reports `stopping` during this time.
   *
   * Environment: `CLUSTER_SHUTDOWN_READINESS_DELAY`.
   * @defaultValue 0
   */
  readinessDelay?: number | undefined;
  /**
   * Time in ms over which a draining worker closes its WebSockets, one after the other; `0` closes all at once.
   *
   * Thousands of clients then do not reconnect at the same moment. The window begins with the drain, and is shortened
   * if the time for connections ends before.
   *
   * Environment: `CLUSTER_SHUTDOWN_WEB_SOCKET_WINDOW`.
   * @defaultValue 1000
   */
  webSocketWindow?: number | undefined;
}

/** Limits of the shared state. @publicApi */
export interface StateOptions {
  /**
   * Deadline in ms of each call on the shared state.
   *
   * The call then settles with its value or with an error. `update()` begins no further attempt after this time.
   *
   * Environment: `CLUSTER_STATE_TIMEOUT`.
   * @defaultValue 2000
   */
  timeout?: number | undefined;
  /**
   * Number of Redis replicas that must confirm a change before its call resolves.
   *
   * A confirmed change survives the loss of the master. There is one wait for all changes of a batch. Has no effect in
   * memory.
   *
   * Environment: `CLUSTER_STATE_REPLICAS`.
   * @defaultValue 0
   */
  replicas?: number | undefined;
  /**
   * Maximum length of a value as JSON: bytes, or a string such as `'512kb'`; at most 64 MiB, with Redis 13 MiB.
   *
   * While a large value is transferred, other calls wait.
   *
   * Environment: `CLUSTER_STATE_MAX_VALUE_BYTES`.
   * @defaultValue '1mb'
   */
  maxValueBytes?: number | string | undefined;
  /**
   * Memory of the primary that the shared state and the bus may use: bytes, `'512mb'`, or a share of V8's heap limit.
   *
   * V8's heap limit is set by `--max-old-space-size`. 80 MiB of the heap are always reserved for the process itself.
   * Writes that do not fit fail with a `StateFullError`. With the option `redis`, this bounds the data that is on its
   * way to workers.
   *
   * Environment: `CLUSTER_STATE_MAX_MEMORY`.
   * @defaultValue '50%'
   */
  maxMemory?: number | string | undefined;
}

/** Limits of the bus. @publicApi */
export interface BusOptions {
  /**
   * Deadline in ms of a call of the bus, such as `publish()` and `subscribe()`; for `ask()`: to send the request.
   *
   * `subscribe()` also waits no longer than this for an unavailable backend; the subscription begins when the backend is
   * available again.
   *
   * Environment: `CLUSTER_BUS_TIMEOUT`.
   * @defaultValue 2000
   */
  timeout?: number | undefined;
  /**
   * Time in ms that `ask()` waits for replies, unless the call sets its own `timeout`.
   *
   * Environment: `CLUSTER_BUS_ASK_TIMEOUT`.
   * @defaultValue 5000
   */
  askTimeout?: number | undefined;
  /**
   * Maximum length of a payload as JSON: bytes, or a string such as `'512kb'`; at most 64 MiB, with Redis 13 MiB.
   *
   * Environment: `CLUSTER_BUS_MAX_PAYLOAD_BYTES`.
   * @defaultValue '1mb'
   */
  maxPayloadBytes?: number | string | undefined;
  /**
   * Maximum size of the queue of one subscription, and of the primary's queue for one worker: bytes, or `'512kb'`.
   *
   * A queue grows when a handler is slower than its events, or when a worker does not read. Events that do not fit are
   * reported as a gap; events of durable topics are read later instead.
   *
   * Environment: `CLUSTER_BUS_MAX_QUEUE_BYTES`.
   * @defaultValue '16mb'
   */
  maxQueueBytes?: number | string | undefined;
}

/**
 * Options of `ClusterModule.forRoot()`. An option that is not given is read from its environment variable, and
 * otherwise has its default. `CLUSTER_WORKERS=0` overrides `workers`.
 *
 * @publicApi
 */
export interface ClusterModuleOptions {
  /**
   * Number of workers; `'auto'`: one for each core that the container may use, at least 1; `0`: single mode.
   *
   * `'auto'` is the smaller of the available cores and the container's CPU quota, rounded down. `0` runs the application
   * in this one process.
   *
   * Environment: `CLUSTER_WORKERS`; `0` there overrides this option.
   * @defaultValue 'auto'
   */
  workers?: number | 'auto' | undefined;
  /**
   * Whether `createApplicationContext()` runs in the calling process (`'single'`) or in workers (`'cluster'`).
   *
   * `NestFactory.create()` and `createMicroservice()` always use workers.
   *
   * Environment: `CLUSTER_CONTEXTS`.
   * @defaultValue 'single'
   */
  contexts?: ContextMode | undefined;
  /**
   * How connections reach the workers.
   *
   * See {@link Scheduling}.
   *
   * Environment: `CLUSTER_SCHEDULING`.
   * @defaultValue 'round-robin'
   */
  scheduling?: Scheduling | undefined;
  /**
   * Whether the primary removes the application and Nest from its memory as soon as it knows the options.
   *
   * It replaces its program with `process.execve()`, which Node has since 22.15. If it cannot, a warning has the reasons.
   *
   * Environment: `CLUSTER_LIGHT_PRIMARY`.
   * @defaultValue false
   */
  lightPrimary?: boolean | undefined;
  /** The start of a worker. */
  boot?: BootOptions | undefined;
  /** The replacement of workers that end unexpectedly. */
  restart?: RestartOptions | undefined;
  /** The rolling restart of all workers, by SIGHUP or `ClusterService.reload()`. */
  reload?: ReloadOptions | undefined;
  /** The detection of hung workers. */
  heartbeat?: HeartbeatOptions | undefined;
  /** The replacement of workers that reach a limit. */
  recycle?: RecycleOptions | undefined;
  /** Load shedding. */
  overload?: OverloadOptions | undefined;
  /**
   * Number of spares: workers that have booted, and listen only when they replace a worker that ends; at most 16.
   *
   * A spare takes over within milliseconds. Until then its slot is -1. Each spare takes as much memory as a worker, and
   * runs whatever your providers do at bootstrap.
   *
   * Environment: `CLUSTER_SPARE`.
   * @defaultValue 0
   */
  spare?: number | undefined;
  /** The drain of a worker and the stop of the host. */
  shutdown?: ShutdownOptions | undefined;
  /**
   * Redis server of `SharedState` and `ClusterBus`: a URL, options of ioredis, or an ioredis client.
   *
   * All hosts with the same `namespace` then share state and events. Without this option, both use the memory of the
   * primary. Needs the package `ioredis`. The options of ioredis include those for Sentinel and Cluster. In a URL,
   * percent-encode a password that contains one of `/ ? # @ %`.
   *
   * Environment: `CLUSTER_REDIS_URL`.
   * @defaultValue none: the memory of the primary
   */
  redis?: string | RedisConnectionOptions | IoRedisOptions | RedisClient | null | undefined;
  /**
   * Prefix of all keys and channels in Redis; each application that uses the same Redis server needs its own.
   *
   * By default this is the `name` of the nearest package.json above the main script (`@a/b` becomes `a.b`), in a Nest
   * monorepo followed by the name of the project (`a.b.api`).
   *
   * Environment: `CLUSTER_NAMESPACE`.
   * @defaultValue the `name` in package.json; `'nestjs-cluster'` without one
   */
  namespace?: string | undefined;
  /**
   * Name of the deployed version; when it changes, tasks that run once per release run again.
   *
   * Set it, for example to the commit, where several hosts share Redis: their files may have been written at different
   * times.
   *
   * Environment: `CLUSTER_RELEASE`.
   * @defaultValue the `version` in package.json and the modification time of the main script
   */
  release?: string | undefined;
  /** The shared state. */
  state?: StateOptions | undefined;
  /** The bus. */
  bus?: BusOptions | undefined;
  /**
   * Logger of the primary, from its first line on; `'json'`: Nest's `ConsoleLogger` with JSON records.
   *
   * Text that workers write to standard error then becomes records of this logger, unless it is a `ConsoleLogger`
   * without `json`. Workers use the logger of the application.
   *
   * Environment: `CLUSTER_LOGGER`, which takes `json`.
   * @defaultValue none: the logger of `NestFactory.create()`
   */
  logger?: LoggerService | 'json' | null | undefined;
  /**
   * Whether the host warns of mistakes that appear only with several workers; `{ ignore }`: the checks to leave out.
   *
   * See {@link DoctorOptions}.
   *
   * Environment: `CLUSTER_DOCTOR`, which takes `true`, `false`, or what to ignore: `-schedule,-cache`.
   * @defaultValue true
   */
  doctor?: boolean | DoctorOptions | undefined;
  /**
   * Whether the primary opens a control socket for `npx nestjs-cluster`; a path: the directory of the socket.
   *
   * By default, the directory is below `$RUNTIME_DIRECTORY`, `$XDG_RUNTIME_DIR`, or the directory for temporary files. Only
   * the user of the host can connect. A directory that does not exist is created; one that exists must belong to that user
   * and have mode 0700.
   *
   * Environment: `CLUSTER_CONTROL`.
   * @defaultValue true
   */
  control?: boolean | string | undefined;
  /**
   * Callbacks for lifecycle events, which run in the primary, where no provider exists.
   *
   * Keep them small. In workers, `ClusterService.events` is the same stream.
   */
  events?: ClusterEventCallbacks | undefined;
}

/**
 * For `forRootAsync({ useClass })` and `forRootAsync({ useExisting })`.
 *
 * @publicApi
 */
export interface ClusterOptionsFactory {
  /** Returns the options, before any worker is forked. */
  createClusterOptions(): ClusterModuleOptions | Promise<ClusterModuleOptions>;
}
