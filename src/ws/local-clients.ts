/** A WebSocket of the package `ws`, as gateways receive it. @publicApi */
export interface WsClient {
  /** 1 if messages can be sent. */
  readonly readyState: number;
  /** Sends a message. */
  send(message: string): void;
  /** Calls a listener when the connection is closed. */
  once(event: 'close', listener: () => void): unknown;
}

/** https://developer.mozilla.org/en-US/docs/Web/API/WebSocket/readyState */
const OPEN = 1;

/**
 * The WebSockets of this worker, and their rooms.
 *
 * @internal
 */
export class LocalClients {
  readonly #rooms = new Map<WsClient, Set<string>>();
  readonly #members = new Map<string, Set<WsClient>>();

  add(client: WsClient): void {
    if (!this.#rooms.has(client)) {
      this.#rooms.set(client, new Set());
      client.once('close', () => this.#remove(client));
    }
  }

  /** Has no effect on a client that has disconnected. */
  join(client: WsClient, rooms: readonly string[]): void {
    const joined = this.#rooms.get(client);
    if (joined) {
      for (const room of rooms) {
        joined.add(room);
        const members = this.#members.get(room) ?? new Set();
        this.#members.set(room, members.add(client));
      }
    }
  }

  leave(client: WsClient, rooms: readonly string[]): void {
    for (const room of rooms) {
      this.#rooms.get(client)?.delete(room);
      const members = this.#members.get(room);
      members?.delete(client);
      if (members?.size === 0) {
        this.#members.delete(room);
      }
    }
  }

  roomsOf(client: WsClient): string[] {
    return [...(this.#rooms.get(client) ?? [])];
  }

  /** Returns the clients in any of the rooms, each once; without rooms, all clients. */
  in(rooms?: readonly string[]): WsClient[] {
    return rooms
      ? [...new Set(rooms.flatMap(room => [...(this.#members.get(room) ?? [])]))]
      : [...this.#rooms.keys()];
  }

  /** Sends a message to the clients that can still receive it. */
  send(message: string, rooms?: readonly string[]): void {
    for (const client of this.in(rooms)) {
      if (client.readyState === OPEN) {
        client.send(message);
      }
    }
  }

  #remove(client: WsClient): void {
    this.leave(client, this.roomsOf(client));
    this.#rooms.delete(client);
  }
}
