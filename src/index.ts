/**
 * Runs NestJS applications on every core, with state and events that the workers share.
 *
 * @packageDocumentation
 */
export { ClusterModule } from './cluster.module.js';
export { ClusterBus, type AskOptions, type PublishOptions } from './bus/cluster-bus.js';
export type {
  SubscribeOptions,
  SubscriptionOptions,
} from './bus/subscribe/subscription-options.interface.js';
export type { DurableGroupInfo, DurableTopicInfo } from './bus/publish/durable-topic-info.js';
export type { DeadLetter } from './bus/subscribe/group/dead-letter.interface.js';
export { ClusterService } from './cluster.service.js';
export type { AskResult, MissingReply, Reply } from './bus/request/ask-result.interface.js';
export type {
  BusFault,
  HandlerFailedFault,
  InvalidPayloadFault,
} from './bus/bus-fault.interface.js';
export type { BusMember } from './bus/membership/bus-member.interface.js';
export type {
  EventContext,
  RequestContext,
  Subscription,
} from './bus/subscribe/event-context.interface.js';
export type { Gap } from './bus/gaps/gap.interface.js';
export type { HandledEvent } from './bus/subscribe/handled-event.interface.js';
export type {
  SchemaInput,
  SchemaOutput,
  StandardIssue,
  StandardResult,
  StandardSchema,
} from './bus/payload/standard-schema.interface.js';
export { defineTopic, type Topic } from './bus/publish/topic.js';
export { type RetentionOptions, type TopicOptions } from './bus/publish/topic-options.interface.js';
export { AmbiguousResultError } from './model/errors/ambiguous-result.error.js';
export { BusInputError } from './model/errors/bus-input.error.js';
export { BusUnavailableError } from './model/errors/bus-unavailable.error.js';
export { ClusterConfigError } from './model/errors/cluster-config.error.js';
export type { ConfigProblem } from './validation/config-problem.js';
export { HostStoppingError } from './model/errors/host-stopping.error.js';
export { ReloadFailedError } from './model/errors/reload-failed.error.js';
export { ScaleFailedError } from './model/errors/scale-failed.error.js';
export { SingleModeError } from './model/errors/single-mode.error.js';
export { WorkerDrainingError } from './model/errors/worker-draining.error.js';
export type { WorkerFailure } from './model/errors/worker-failure.interface.js';
export { ClusterError } from './model/errors/cluster.error.js';
export { CounterRangeError } from './model/errors/counter-range.error.js';
export { LockLostError } from './model/errors/lock-lost.error.js';
export { LockTimeoutError } from './model/errors/lock-timeout.error.js';
export { PrimaryRequestError } from './model/errors/primary-request.error.js';
export { PrimaryUnreachableError } from './model/errors/primary-unreachable.error.js';
export { StateFullError } from './model/errors/state-full.error.js';
export { StateInputError } from './model/errors/state-input.error.js';
export { StateOutageError } from './model/errors/state-outage.error.js';
export { StateTypeError } from './model/errors/state-type.error.js';
export { StateUnavailableError } from './model/errors/state-unavailable.error.js';
export { UpdateConflictError } from './model/errors/update-conflict.error.js';
export type {
  ClusterEvent,
  ClusterEventCallbacks,
  ClusterEventType,
  HostEvent,
  HostLifecycleEvent,
  ReloadFinishedEvent,
  ReloadStartedEvent,
  WorkerDisconnectedEvent,
  WorkerOutputPausedEvent,
  WorkerOutputResumedEvent,
  OutputStream,
  WorkerDrainingEvent,
  WorkerEvent,
  WorkerExitedEvent,
  WorkerForkedEvent,
  WorkerLifecycleEvent,
  WorkerListeningEvent,
  WorkerOnlineEvent,
  WorkerReadyEvent,
  WorkerStandbyEvent,
} from './model/events/cluster-event.interface.js';
export type {
  BusVitals,
  DrainCause,
  DrainPhases,
  HostStatus,
  StateMemory,
  ListeningAddress,
  ReloadResult,
  UnfinishedWork,
  WorkerExit,
  WorkerExitReason,
  WorkerIdentity,
  WorkerState,
  WorkerStatus,
  WorkerVitals,
} from './model/host-status.interface.js';
export type {
  FleetHealth,
  FleetHost,
  FleetReload,
  FleetStatus,
  UnknownFleetHost,
} from './model/fleet-status.interface.js';
export { getCounterToken, InjectCounter } from './state/decorators/inject-counter.decorator.js';
export {
  type EventMethodDecorator,
  OnClusterEvent,
  type OnClusterEventOptions,
} from './bus/decorators/on-cluster-event.decorator.js';
export {
  OnClusterRequest,
  type RequestMethodDecorator,
} from './bus/decorators/on-cluster-request.decorator.js';
export type { ClusterModuleAsyncOptions } from './config/cluster-async-options.js';
export type {
  BootOptions,
  BusOptions,
  ClusterModuleOptions,
  ClusterOptionsFactory,
  ContextMode,
  HeartbeatOptions,
  OverloadOptions,
  RecycleOptions,
  ReloadOptions,
  RestartOptions,
  Scheduling,
  ShutdownOptions,
  StateOptions,
} from './config/cluster-options.interface.js';
export type { DoctorCheck, DoctorOptions } from './config/doctor-checks.js';
export type { ClusterRole } from './bootstrap/cluster-role.js';
export { clusterRole } from './bootstrap/current-role.js';
export { clusterLogFields, type ClusterLogFields } from './bootstrap/cluster-log-fields.js';
export { SharedState } from './state/shared-state.js';
export { clusterOnce } from './once/cluster-once.js';
export type { ClusterOnceOptions } from './once/cluster-once-options.interface.js';
export type { OnceContext, OnceOptions, OncePer } from './state/once-options.js';
export { Counter, type CounterOptions } from './state/objects/counter.js';
export { Leader, type LeaderOptions } from './state/objects/leader.js';
export { Leaderboard, type LeaderboardEntry } from './state/objects/leaderboard.js';
export type {
  HeldLock,
  LockOptions,
  TryLockOptions,
  TryLockResult,
} from './state/objects/lock.interface.js';
export {
  StateSemaphore,
  type SemaphoreOptions,
  type SemaphoreRunOptions,
} from './state/objects/semaphore.js';
export type {
  PeekRateLimitOptions,
  RateLimitOptions,
  RateLimitResult,
} from './state/objects/rate-limits.js';
export { CacheLoadError } from './model/errors/cache-load.error.js';
export type {
  CacheOptions,
  CacheSetOptions,
  CacheWrapOptions,
  NearCacheOptions,
} from './state/objects/cache/cache-options.interface.js';
export { StateCache } from './state/objects/cache/state-cache.js';
export { StateMap } from './state/objects/state-map.js';
export { StateSet, type StateSetOptions } from './state/objects/state-set.js';
export { StripedCounter, type StripedCounterOptions } from './state/objects/striped-counter.js';
export type { SetOptions } from './state/objects/values.js';
export type { OperationOutcome } from './state/client/operation-outcome.interface.js';
export type {
  RedisAddress,
  RedisClient,
  IoRedisOptions,
  RedisConnectionOptions,
} from './redis/options/redis-connection-options.interface.js';
