import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { keepPrivate } from '../drain/http/http-servers.js';
import { SERVICE_RESTART } from '../drain/websocket/close-web-socket.js';
import { systemClock } from '../system/time/clock.js';
import type { Engine, EngineSession, OwnEngine } from './engine.interface.js';
import { sessionIdIn } from './session-owner.js';
import { type Sender, takeSender } from './sender.js';
import type { UsedTickets } from './used-tickets.js';

/** The bits that `umask` removes from a new socket, so that only the user of the host can connect. */
const MASK = 0o177;

/** Bytes. The public server has limited the headers already. */
const MAX_HEADER_SIZE = 1024 * 1024;

/** A blocked worker has no time to accept connections, and the kernel refuses those above the limit. */
const BACKLOG = 65_535;

/** The answer of Engine.IO to a request for a session that it does not know. */
const UNKNOWN_SESSION = JSON.stringify({ code: 1, message: 'Session ID unknown' });

/**
 * The server on which a worker receives what other workers of its host forward: requests and upgrades for its
 * sessions. Neither the primary nor the drain treat it as a server of the application.
 *
 * @internal
 */
export class PrivateServer {
  readonly server: Server;
  /** Polls that wait for messages, and the workers that forwarded them. */
  readonly #polls = new Map<
    ServerResponse,
    { readonly from: number; readonly session: string; readonly release: () => void }
  >();
  /** Workers that drain: they should not wait for the polls that they forward. */
  readonly #draining = new Set<number>();
  readonly #closing = new AbortController();
  #inFlight = 0;

  /**
   * @param engines the servers of this worker, by name
   * @param tickets those with which other hosts have forwarded something
   * @param onSettled called when a request was answered
   */
  constructor(
    private readonly engines: ReadonlyMap<string, OwnEngine>,
    private readonly tickets: Pick<UsedTickets, 'use'>,
    private readonly onSettled: () => void,
  ) {
    this.server = createServer(
      // Closing an idle connection could cut a request that is just being sent: the client then loses its session. The
      // other end closes connections that it does not need. Slow requests are ended by the server that receives them.
      // That one has also limited the headers.
      { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, maxHeaderSize: MAX_HEADER_SIZE },
      (request, response) => this.#onRequest(request, response),
    );
    this.server.maxHeadersCount = 0;
    this.server.on('upgrade', (request, socket, head) =>
      this.#onUpgrade(request, socket as Socket, head),
    );
    keepPrivate(this.server);
  }

  /** The number of requests that are not answered yet. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * Has no effect if it listens.
   *
   * @throws if it cannot listen, which can be tried again, or is closed before it listens
   */
  async listen(path: string): Promise<void> {
    const { signal } = this.#closing;
    signal.throwIfAborted();
    if (this.server.listening) {
      return;
    }
    rmSync(path, { force: true });
    const mask = process.umask(MASK);
    try {
      // Without `exclusive`, the primary would listen for the worker. The socket is created before this returns.
      this.server.listen({ path, exclusive: true, backlog: BACKLOG });
    } finally {
      process.umask(mask);
    }
    await once(this.server, 'listening', { signal });
  }

  close(): void {
    this.#closing.abort();
    this.server.close();
    this.server.closeAllConnections();
  }

  /** Answers the current and future polls of a draining worker. Their clients then poll another worker. */
  releasePollsOf(worker: number): void {
    this.#draining.add(worker);
    this.#release(({ from }) => from === worker);
  }

  /** Notes that a worker has exited. */
  forget(worker: number): void {
    this.#draining.delete(worker);
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    this.#inFlight++;
    response.once('close', () => {
      this.#inFlight--;
      this.#polls.delete(response);
      this.onSettled();
    });
    const sender = takeSender(request);
    const own = sender && this.#engineFor(sender);
    if (!own) {
      request.resume();
      response.writeHead(400, { 'content-type': 'application/json' }).end(UNKNOWN_SESSION);
    } else if (sender.order !== undefined) {
      this.#obey(sender.order, sessionIdIn(request.url) ?? '', own);
      response.writeHead(204).end();
    } else {
      own.handleRequest(request, response);
      this.#watchPoll(request, response, sender, own);
    }
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const sender = takeSender(request);
    const own = sender && this.#engineFor(sender);
    if (own) {
      own.handleUpgrade(request, socket, head);
    } else {
      socket.destroy();
    }
  }

  /** Returns the server for which a message is; `undefined` if there is none, or the message is a replay. */
  #engineFor({ server, ticketId }: Sender): OwnEngine | undefined {
    return ticketId === undefined || this.tickets.use(ticketId, systemClock.now())
      ? this.engines.get(server)
      : undefined;
  }

  #obey(order: NonNullable<Sender['order']>, id: string, { engine }: OwnEngine): void {
    if (order === 'close') {
      sessionOf(engine, id)?.transport.socket?.close(SERVICE_RESTART);
    } else {
      this.#release(({ session }) => session === id);
    }
  }

  #release(
    isReleased: (poll: { readonly from: number; readonly session: string }) => boolean,
  ): void {
    for (const poll of this.#polls.values()) {
      if (isReleased(poll)) {
        poll.release();
      }
    }
  }

  #watchPoll(
    request: IncomingMessage,
    response: ServerResponse,
    { worker, isBrief }: Sender,
    { engine }: OwnEngine,
  ): void {
    const id = sessionIdIn(request.url);
    if (request.method !== 'GET' || id === undefined || !sessionOf(engine, id)) {
      return;
    }
    const answer = (): void => {
      const transport = sessionOf(engine, id)?.transport;
      if (transport?.name === 'polling' && transport.writable && !response.headersSent) {
        transport.send([{ type: 'noop' }]);
      }
    };
    const release = (): void => {
      answer();
      // The poll may be in a middleware of Engine.IO.
      setImmediate(answer);
    };
    this.#polls.set(response, { from: worker, session: id, release });
    if (isBrief || this.#draining.has(worker)) {
      release();
    }
  }
}

/** Returns a session. Its id comes from a client. */
function sessionOf({ clients }: Engine, id: string): EngineSession | undefined {
  return Object.hasOwn(clients, id) ? clients[id] : undefined;
}
