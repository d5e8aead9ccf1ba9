/**
 * WebSockets of all workers, for gateways of `WsAdapter`.
 *
 * @packageDocumentation
 */
export { ClusterWsModule } from './cluster-ws.module.js';
export { ClusterWsServer, type WsRooms } from './cluster-ws-server.js';
export type { WsClient } from './local-clients.js';
