/**
 * GraphQL subscriptions that reach the clients of all workers.
 *
 * @packageDocumentation
 */
export { ClusterPubSub, type ClusterPubSubOptions } from './cluster-pub-sub.js';
