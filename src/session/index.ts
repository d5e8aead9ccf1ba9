/**
 * A store for express-session that all workers share.
 *
 * @packageDocumentation
 */
export { ClusterSessionStore, type ClusterSessionStoreOptions } from './cluster-session.store.js';
