import type {
  RedisClient,
  RedisConnectionOptions,
} from '../redis/redis-connection-options.interface.js';
import type { ClusterEventCallbacks } from '../events/cluster-event.interface.js';

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
 * variable, else its default.
 *
 * @publicApi
 */
export interface ClusterModuleOptions {
  /**
   * How many workers to run. `'auto'` is what this process may use: the smaller of the available
   * cores and the container's CPU quota, at least 1. `0` runs the application in this one process.
   *
   * Environment: `CLUSTER_WORKERS`.
   * @defaultValue 'auto'
   */
  workers?: number | 'auto';
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
  /** The end of a worker and of the host. */
  shutdown?: ShutdownOptions;
  /**
   * Where `SharedState` and `ClusterBus` are, if not in the memory of the primary: then they are shared by
   * all hosts of the namespace, and outlive them. A URL; options of ioredis, also for Sentinel and Cluster; or an
   * ioredis client of your own. Needs the package `ioredis`.
   *
   * Environment: `CLUSTER_REDIS_URL`.
   * @defaultValue none: the memory of the primary
   */
  redis?: string | RedisConnectionOptions | RedisClient;
  /**
   * What the name of every key and channel of this application begins with. Applications that share
   * a Redis have one each.
   *
   * Environment: `CLUSTER_NAMESPACE`.
   * @defaultValue 'nestjs-cluster'
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
