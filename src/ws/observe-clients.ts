import type { WebSocketAdapter } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';
import type { WsClient } from './local-clients.js';

/**
 * Calls `onClient` with each client of the gateways of an application.
 *
 * `app.useWebSocketAdapter()` passes the adapter to `setIoAdapter()` of the configuration, and Nest calls
 * `bindClientConnect()` of the adapter for each gateway.
 *
 * @internal
 */
export function observeClients(
  config: Pick<ApplicationConfig, 'getIoAdapter' | 'setIoAdapter'>,
  onClient: (client: WsClient) => void,
): void {
  const setIoAdapter = config.setIoAdapter.bind(config);
  config.setIoAdapter = adapter => {
    observeAdapter(adapter, onClient);
    setIoAdapter(adapter);
  };
  const adapter = config.getIoAdapter() as WebSocketAdapter | undefined;
  if (adapter) {
    observeAdapter(adapter, onClient);
  }
}

function observeAdapter(adapter: WebSocketAdapter, onClient: (client: WsClient) => void): void {
  const bindClientConnect = adapter.bindClientConnect.bind(adapter) as (
    server: unknown,
    onConnect: (...args: unknown[]) => void,
  ) => unknown;
  adapter.bindClientConnect = (server: unknown, onConnect: unknown) =>
    bindClientConnect(server, (client, ...rest) => {
      onClient(client as WsClient);
      (onConnect as (...args: unknown[]) => void)(client, ...rest);
    });
}
