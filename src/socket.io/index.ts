/**
 * Socket.IO on every core.
 *
 * @packageDocumentation
 */
export { ClusterIoAdapter } from './cluster-io.adapter.js';
export { ClusterSocketIoModule } from './cluster-socket-io.module.js';
export type {
  ClusterSocketIoOptions,
  ForwardBetweenHostsOptions,
  RecoveryOptions,
} from './socket-io-options.interface.js';
