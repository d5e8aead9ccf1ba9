import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from './clients/client.interface.js';
import type { ClientKind } from './clients/client-kind.js';
import { EventStreamClient } from './clients/event-stream-client.js';
import { HttpClient } from './clients/http-client.js';
import type { LoadPlan } from './load-plan.interface.js';
import type { Tally } from './tally.js';
import { UploadClient } from './clients/upload-client.js';
import type { ConnectWebSocket } from './clients/connect-web-socket.js';
import { WebSocketClient } from './clients/web-socket-client.js';

const LOOK_MILLISECONDS = 20;

/**
 * All clients of a load.
 *
 * @internal
 */
export class Load {
  readonly #clients: readonly (readonly [ClientKind, Client])[];
  #running: Promise<unknown> = Promise.resolve();

  constructor(url: URL, plan: LoadPlan, tally: Tally, connect?: ConnectWebSocket) {
    this.#clients = clientsOf(url, plan, tally, connect);
    for (const kind of new Set(this.#clients.map(([name]) => name))) {
      tally.enter(kind, this.#clients.filter(([name]) => name === kind).length);
    }
  }

  start(): void {
    this.#running = Promise.all(this.#clients.map(([, client]) => client.run()));
  }

  /**
   * Waits until all long-lived clients are connected. Resolves with the kinds of those that are not, once for each
   * client.
   */
  async connected(timeout: number): Promise<ClientKind[]> {
    const deadline = performance.now() + timeout;
    for (;;) {
      const away = this.#clients.filter(([, { isConnected }]) => !isConnected);
      if (away.length === 0 || performance.now() > deadline) {
        return away.map(([kind]) => kind);
      }
      await delay(LOOK_MILLISECONDS);
    }
  }

  /** Stops all clients; resolves when their last requests have ended. */
  async stop(): Promise<void> {
    this.#clients.forEach(([, client]) => client.stop());
    await this.#running;
  }
}

function clientsOf(
  url: URL,
  plan: LoadPlan,
  tally: Tally,
  connect: ConnectWebSocket | undefined,
): [ClientKind, Client][] {
  const { patience, path, keepAlive, oneShot, uploads, sse, webSockets, pause } = plan;
  const at = (to: string): URL => new URL(to, url);
  const http = (kind: 'keep-alive' | 'one-shot', wait: number): Client =>
    new HttpClient({ kind, url: at(path), patience, pause: wait }, tally);
  return [
    // Every other client pauses, so that its connection is idle and must not be closed.
    ...many(keepAlive, 'keep-alive', index => http('keep-alive', index % 2 ? pause : 0)),
    ...many(oneShot, 'one-shot', () => http('one-shot', 0)),
    ...(uploads
      ? many(uploads.count, 'upload', () => {
          const { type, body } = uploads;
          return new UploadClient({ url: at(uploads.path), patience, type, body }, tally);
        })
      : []),
    ...(sse
      ? many(sse.count, 'sse', () => new EventStreamClient({ url: at(sse.path), patience }, tally))
      : []),
    ...(webSockets && connect
      ? many(webSockets.count, 'websocket', () => {
          const { message } = webSockets;
          const options = { url: webSocketUrl(at(webSockets.path)), patience };
          return new WebSocketClient(
            message === undefined ? options : { ...options, message },
            connect,
            tally,
          );
        })
      : []),
  ];
}

function webSocketUrl(url: URL): URL {
  return new URL(url.href.replace(/^http/, 'ws'));
}

function many(
  count: number,
  kind: ClientKind,
  make: (index: number) => Client,
): [ClientKind, Client][] {
  return Array.from({ length: count }, (_, index) => [kind, make(index)]);
}
