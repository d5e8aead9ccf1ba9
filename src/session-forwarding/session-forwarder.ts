import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { onCloseRequest } from '../drain/websocket/close-web-socket.js';
import type { ClusterEvent } from '../model/events/cluster-event.interface.js';
import type { Runtime } from '../runtime/runtime.js';
import { oneEach } from '../system/collections/one-each.js';
import type { Engine, OwnEngine } from './engine.interface.js';
import { forwardRequest } from './forward-request.js';
import { forwardUpgrade } from './forward-upgrade.js';
import { TICKET_HEADER, TICKET_VALIDITY } from './hosts/ticket.js';
import { KEPT_ALIVE } from './kept-alive.js';
import { MovedConnections, type MoveTarget } from './moved-connections.js';
import { nameOwners } from './name-owners.js';
import type { HostTicket, OtherHosts } from './other-hosts.interface.js';
import type { Peer } from './peer.interface.js';
import { PrivateServer } from './private-server.js';
import { PrivateSocket } from './private-socket.js';
import { privateSocketPath } from './private-socket-path.js';
import { routeOf } from './route.js';
import { clientOf } from './sender.js';
import { ownerOf, sessionIdIn } from './session-owner.js';
import type { TakingServer } from './taking-server.js';
import { UsedTickets } from './used-tickets.js';
import { workerPeer } from './worker-peer.js';

/** Of log lines. */
const CONTEXT = 'ClusterSocketIo';

/** A server whose sessions are forwarded. */
interface Attached {
  readonly server: string;
  readonly engine: Engine;
  readonly hosts: OtherHosts | undefined;
}

/** A request or an upgrade, and what is closed with it. */
interface Incoming {
  readonly request: IncomingMessage;
  readonly carrier: ServerResponse | Socket;
  /**
   * Moves its connection to another worker.
   *
   * @param onStays called if it turns out later that it cannot be moved, with the body if it was read
   * @returns `false` if it cannot be moved
   */
  readonly move: (target: MoveTarget, onStays: (body?: Buffer) => void) => boolean;
}

/** Handles a request, or forwards it to a peer. If its body was read already, `body` is that body. */
type Act = (peer: Peer | undefined, body?: Buffer) => void;

/**
 * Brings each session of an Engine.IO server to the worker that has it, whichever worker receives the request. The id
 * of a session names its owner; other workers forward to the private server of the owner.
 *
 * @internal
 */
export class SessionForwarder {
  readonly #engines = new Map<string, OwnEngine>();
  readonly #agent = new Agent(KEPT_ALIVE);
  readonly #server: PrivateServer;
  readonly #socket: PrivateSocket;
  readonly #moved = new MovedConnections(name => this.#publicServers.get(name));
  /** The servers that clients reach, by name, as soon as this worker has sessions. */
  readonly #publicServers = new Map<string, TakingServer>();
  readonly #worker: number;
  readonly #draining = new Set<number>();
  readonly #events: Subscription;
  #onSettled: () => void = () => {};

  constructor(private readonly runtime: Runtime) {
    this.#worker = runtime.worker.id;
    // A ticket may be of a host whose clock is ahead.
    const tickets = new UsedTickets(2 * TICKET_VALIDITY);
    this.#server = new PrivateServer(this.#engines, tickets, () => this.#onSettled());
    const listen = (path: string): Promise<void> => this.#server.listen(path);
    this.#socket = new PrivateSocket(runtime, listen, new Logger(CONTEXT));
    this.#events = runtime.host.events.subscribe(event => this.#onEvent(event));
    if (runtime.drains) {
      runtime.connections.attachPrivate(this.#server.server);
      this.#onSettled = runtime.connections.waitFor(this);
    }
  }

  /** The number of sessions, and of requests in flight. */
  get size(): number {
    const sessions = [...this.#engines.values()].map(({ engine }) => engine.clientsCount);
    return sessions.reduce((sum, count) => sum + count, this.#server.inFlight);
  }

  /**
   * Resolves when other workers can forward to this one; in a spare, which has no sessions, as soon as it can get a
   * slot.
   *
   * @throws PrimaryRequestError if there is no directory for the private socket
   */
  async open(): Promise<void> {
    await (this.runtime.standby.waits ? this.#socket.open() : this.#socket.ready());
  }

  /**
   * Lets the sessions of a server name their owner, and forwards what is for other workers.
   *
   * @param name identifies the server among those of a worker; the same in all workers
   * @param http the server that receives its requests
   * @param hosts with it, requests for sessions of other hosts are forwarded, too
   */
  attach(name: string, engine: Engine, http: TakingServer, hosts?: OtherHosts): void {
    const own: OwnEngine = {
      engine,
      handleRequest: engine.handleRequest.bind(engine),
      handleUpgrade: engine.handleUpgrade.bind(engine),
    };
    this.#engines.set(name, own);
    // An application without `ClusterSocketIoModule` does not call `open()`. A failure is logged.
    this.open().catch(() => {});
    this.runtime.standby.whenPlaced(() => this.#publicServers.set(name, http));
    nameOwners(engine, async () => {
      const [{ host }] = await Promise.all([this.#socket.ready(), hosts?.announced()]);
      return { host, worker: this.#worker };
    });
    engine.on('connection', session => session.once('close', () => this.#onSettled()));
    const attached = { server: name, engine, hosts };
    // If the owner has ended, its sessions have ended too. This worker then answers as for any unknown session.
    engine.handleRequest = (request, response) => {
      const handle = (): void => own.handleRequest(request, response);
      const move: Incoming['move'] = (target, onStays) =>
        this.#moved.move(request, response, target, onStays);
      this.#route(attached, { request, carrier: response, move }, (peer, body) =>
        peer ? forwardRequest(request, response, peer, handle, body) : handle(),
      );
    };
    engine.handleUpgrade = (request, socket, head) => {
      const handle = (): void => own.handleUpgrade(request, socket, head);
      const move: Incoming['move'] = (target, onStays) =>
        this.#moved.moveUpgrade(request, socket, head, target, onStays);
      this.#route(attached, { request, carrier: socket, move }, peer => {
        if (peer) {
          // Only the owner can close the WebSocket with a code: it knows where a message ends.
          onCloseRequest(socket, () => peer.close());
          forwardUpgrade(request, socket, head, peer, handle);
        } else {
          handle();
        }
      });
    };
  }

  /** Returns the id of this run of the host. */
  async hostId(): Promise<string> {
    return (await this.#socket.open()).host;
  }

  /** Called when the servers are closed. */
  close(): void {
    this.#events.unsubscribe();
    this.#agent.destroy();
    this.#server.close();
    this.#publicServers.clear();
    this.#socket.close();
  }

  /** Calls `act` with the peer to which a request is forwarded; with `undefined` if this worker handles it. */
  #route({ server, engine, hosts }: Attached, incoming: Incoming, act: Act): void {
    const { request, carrier, move } = incoming;
    const id = sessionIdIn(request.url);
    // A connection of another host carries many sessions, whether its ticket is valid or not.
    const isOfHost = TICKET_HEADER in request.headers;
    const taken = hosts?.takeTicket(request, id);
    const ticket = typeof taken === 'object' ? taken : undefined;
    const owner = id === undefined ? undefined : ownerOf(id);
    const { sockets } = this.#socket;
    const route = routeOf({
      owner,
      self: sockets && { host: sockets.host, worker: this.#worker },
      hasOtherHosts: hosts !== undefined,
      ticket: typeof taken === 'object' ? 'valid' : (taken ?? 'none'),
    });
    if (!owner || route === 'here') {
      act(undefined);
    } else if (route === 'worker') {
      const { worker } = owner;
      const forward = (body?: Buffer): void =>
        act(this.#workerPeer(worker, server, request, ticket), body);
      // A worker that drains would close the connection.
      if (isOfHost || this.#draining.has(worker) || !move({ worker, server }, forward)) {
        forward();
      }
    } else {
      const foreign = { request, id: id!, host: owner.host, server, engine };
      void actWhenFound(carrier, hosts!.find(foreign), act);
    }
  }

  #workerPeer(
    worker: number,
    server: string,
    request: IncomingMessage,
    given: HostTicket | undefined,
  ): Peer {
    const { ticketId, order, isBrief, client = clientOf(request) } = given ?? {};
    return workerPeer(
      privateSocketPath(this.#socket.sockets!.directory, worker),
      { ...client, ticketId, order, isBrief, server, worker: this.#worker },
      request.url ?? '/',
      this.#agent,
    );
  }

  #onEvent(event: ClusterEvent): void {
    if (event.type === 'workerDraining' && event.id !== this.#worker) {
      this.#draining.add(event.id);
      this.#server.releasePollsOf(event.id);
    } else if (event.type === 'workerExited') {
      this.#draining.delete(event.id);
      this.#server.forget(event.id);
    }
  }
}

async function actWhenFound(
  carrier: Incoming['carrier'],
  found: Promise<Peer | undefined>,
  act: Act,
): Promise<void> {
  // Without a listener, an error of a socket would end the process. 'close' follows.
  carrier.on('error', ignore);
  let isClosed = false;
  carrier.once('close', () => (isClosed = true));
  const peer = await found;
  carrier.off('error', ignore);
  if (!isClosed) {
    try {
      act(peer);
    } catch (error) {
      if (!peer) {
        throw error;
      }
      // Node refuses to connect to the other host, with its options.
      carrier.destroy();
      peer.onUnreachable(error as Error);
    }
  }
}

function ignore(): void {}

const forwarders = oneEach((runtime: Runtime) => new SessionForwarder(runtime));

/**
 * Returns the forwarder of this process; `undefined` in single mode, where all sessions are in one process.
 *
 * @internal
 */
export function forwarderOf(runtime: Runtime): SessionForwarder | undefined {
  return runtime.mode === 'single' ? undefined : forwarders(runtime);
}
