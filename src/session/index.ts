/**
 * A store for express-session that all workers share.
 *
 * @packageDocumentation
 */
export {
  ClusterSessionStore,
  type ClusterSessionStoreOptions,
  type SessionCallback,
} from './cluster-session.store.js';
