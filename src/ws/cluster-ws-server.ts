import { Inject, Injectable, Optional } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import type { ClusterBus } from '../bus/cluster-bus.js';
import { OWN_BUS } from '../bus/own-bus.token.js';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { LocalClients, type WsClient } from './local-clients.js';
import { observeClients } from './observe-clients.js';

const TOPIC = 'nestjs-cluster ws';

/** Milliseconds to wait for the counts of other workers. */
const COUNT_TIMEOUT = 1_000;

/** A message for the clients of other workers. */
interface Forwarded {
  readonly message: string;
  readonly rooms?: readonly string[] | undefined;
}

/** Sends messages to the clients in some rooms. @publicApi */
export interface WsRooms {
  /** Sends an event to each client that is in at least one of the rooms, in all workers. */
  broadcast(event: string, data?: unknown): void;
  /** Returns the number of these clients in all workers. */
  count(): Promise<number>;
}

/**
 * The clients of the gateways of `WsAdapter` in all workers.
 *
 * ```ts
 * @WebSocketGateway()
 * export class ChatGateway {
 *   constructor(private readonly clients: ClusterWsServer) {}
 *
 *   @SubscribeMessage('join')
 *   join(client: WebSocket, room: string) {
 *     this.clients.join(client, room);
 *   }
 *
 *   @SubscribeMessage('say')
 *   say(client: WebSocket, { room, text }: Message) {
 *     this.clients.to(room).broadcast('said', text); // the clients get {"event":"said","data":…}
 *   }
 * }
 * ```
 *
 * @publicApi
 */
@Injectable()
export class ClusterWsServer {
  readonly #clients = new LocalClients();

  /** @internal */
  constructor(
    private readonly config: ApplicationConfig,
    @Optional() @Inject(OWN_BUS) private readonly bus: ClusterBus,
  ) {
    if (!bus) {
      throw ClusterConfigError.missingModule('ClusterWsServer');
    }
    // The application sets its adapter later, but before Nest connects the gateways.
    observeClients(config, client => this.#clients.add(client));
  }

  /** @internal */
  async onApplicationBootstrap(): Promise<void> {
    const adapter: unknown = this.config.getIoAdapter();
    if (typeof adapter !== 'object' || adapter === null || 'mapPayload' in adapter) {
      // Without an adapter, or with that of Socket.IO, which Nest sets if the application sets none.
      const expected = 'app.useWebSocketAdapter(new WsAdapter(app)) before app.listen()';
      throw new ClusterConfigError(
        'ClusterWsModule',
        adapter,
        expected,
        `ClusterWsModule needs ${expected}. For gateways of Socket.IO, import ClusterSocketIoModule.`,
      );
    }
    await this.bus.subscribe<Forwarded>(TOPIC, ({ message, rooms }) =>
      this.#clients.send(message, rooms),
    );
    await this.bus.answer<{ readonly rooms?: readonly string[] }>(
      TOPIC,
      ({ rooms }) => this.#clients.in(rooms).length,
    );
  }

  /**
   * Sends an event to all clients in all workers, in the form of Nest's gateways: `{"event":…,"data":…}`. Messages of one
   * worker arrive in order. A message that cannot be sent to other workers is logged.
   *
   * @param data a JSON value; with the event, it has at most `bus.maxPayloadBytes`
   */
  broadcast(event: string, data?: unknown): void {
    this.#broadcast(event, data);
  }

  /** Returns the number of clients in all workers. Workers that do not answer within a second are left out. */
  count(): Promise<number> {
    return this.#count();
  }

  /** Selects the clients that are in at least one of these rooms. */
  to(...rooms: readonly string[]): WsRooms {
    return {
      broadcast: (event, data) => this.#broadcast(event, data, rooms),
      count: () => this.#count(rooms),
    };
  }

  /** Adds a client to rooms, until it leaves them or disconnects. */
  join(client: WsClient, ...rooms: readonly string[]): void {
    this.#clients.join(client, rooms);
  }

  /** Removes a client from rooms. */
  leave(client: WsClient, ...rooms: readonly string[]): void {
    this.#clients.leave(client, rooms);
  }

  /** Returns the rooms of a client of this worker. */
  roomsOf(client: WsClient): string[] {
    return this.#clients.roomsOf(client);
  }

  #broadcast(event: string, data: unknown, rooms?: readonly string[]): void {
    const message = JSON.stringify({ event, data });
    this.bus.emit(TOPIC, { message, ...(rooms && { rooms }) }, { self: false });
    this.#clients.send(message, rooms);
  }

  async #count(rooms?: readonly string[]): Promise<number> {
    const options = { timeout: COUNT_TIMEOUT };
    const { replies } = await this.bus.ask<number>(TOPIC, rooms ? { rooms } : {}, options);
    return replies.reduce((sum, { value }) => sum + value, 0);
  }
}
