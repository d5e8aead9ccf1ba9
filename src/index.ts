export { ClusterModule } from './cluster.module.js';
export { ClusterService } from './cluster.service.js';
export { ClusterConfigError } from './errors/cluster-config.error.js';
export { ClusterError } from './errors/cluster.error.js';
export { PrimaryUnreachableError } from './errors/primary-unreachable.error.js';
export type {
  ClusterEvent,
  ClusterEventCallbacks,
  ClusterEventType,
  WorkerDisconnectedEvent,
  WorkerDrainingEvent,
  WorkerEvent,
  WorkerExitedEvent,
  WorkerForkedEvent,
  WorkerListeningEvent,
  WorkerOnlineEvent,
  WorkerReadyEvent,
} from './events/cluster-event.interface.js';
export type {
  DrainCause,
  DrainPhases,
  HostStatus,
  ListeningAddress,
  WorkerExit,
  WorkerExitReason,
  WorkerIdentity,
  WorkerState,
  WorkerStatus,
} from './events/worker-facts.js';
export type { ClusterModuleAsyncOptions } from './options/cluster-async-options.js';
export type {
  BootOptions,
  ClusterModuleOptions,
  ClusterOptionsFactory,
  RestartOptions,
  Scheduling,
  ShutdownOptions,
} from './options/cluster-options.interface.js';
export type { ClusterRole } from './role/cluster-role.js';
export { clusterRole } from './role/current-role.js';
