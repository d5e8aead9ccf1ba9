import { rmdirSync } from 'node:fs';
import {
  Agent,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Subscription } from 'rxjs';
import { onCloseRequest } from '../drain/websocket/close-web-socket.js';
import type { ClusterEvent } from '../model/events/cluster-event.interface.js';
import type { Runtime } from '../runtime/runtime.js';
import { oneEach } from '../system/collections/one-each.js';
import type { Engine, OwnEngine } from './engine.interface.js';
import { forwardProtocol, type PrivateSockets } from './forward.protocol.js';
import { forwardRequest, type ForwardTarget } from './forward-request.js';
import { forwardUpgrade } from './forward-upgrade.js';
import { PrivateServer } from './private-server.js';
import { privateSocketPath } from './private-socket-path.js';
import { type Sender, senderHeader, senderOf } from './sender.js';
import { ownedSessionId, ownerOf, sessionIdIn } from './session-owner.js';

/** Milliseconds after which an idle connection to another worker is closed. */
const IDLE_MILLISECONDS = 30_000;

/**
 * Brings each session of an Engine.IO server to the worker that has it, whichever worker receives the request. The id
 * of a session names its owner; other workers forward to the private server of the owner.
 *
 * @internal
 */
export class SessionForwarder {
  readonly #engines = new Map<string, OwnEngine>();
  readonly #agent = new Agent({
    keepAlive: true,
    maxSockets: Infinity,
    timeout: IDLE_MILLISECONDS,
  });
  readonly #server: PrivateServer;
  readonly #worker: number;
  readonly #events: Subscription;
  #sockets: PrivateSockets | undefined;
  #opened: Promise<PrivateSockets> | undefined;
  #listening: Promise<void> | undefined;
  #onSettled: () => void = () => {};

  constructor(private readonly runtime: Runtime) {
    this.#worker = runtime.worker.id;
    this.#server = new PrivateServer(this.#engines, () => this.#onSettled());
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
    await this.#open();
    if (!this.runtime.standby.waits) {
      await this.#listening;
    }
  }

  /**
   * Lets the sessions of a server name their owner, and forwards what is for other workers.
   *
   * @param name identifies the server among those of a worker; the same in all workers
   */
  attach(name: string, engine: Engine): void {
    const own: OwnEngine = {
      engine,
      handleRequest: engine.handleRequest.bind(engine),
      handleUpgrade: engine.handleUpgrade.bind(engine),
    };
    this.#engines.set(name, own);
    // An application without `ClusterSocketIoModule` does not call `open()`. A failure also rejects `open()`.
    this.open().catch(() => {});
    this.#nameOwners(engine);
    engine.on('connection', session => session.once('close', () => this.#onSettled()));
    engine.handleRequest = (request, response) => {
      const target = this.#targetOf(name, request);
      if (target) {
        this.#forward(own, request, response, target);
      } else {
        own.handleRequest(request, response);
      }
    };
    engine.handleUpgrade = (request, socket, head) => {
      const target = this.#targetOf(name, request);
      if (target) {
        this.#forwardUpgrade(own, request, socket, head, target);
      } else {
        own.handleUpgrade(request, socket, head);
      }
    };
  }

  /** Called when the servers are closed. */
  close(): void {
    this.#events.unsubscribe();
    this.#agent.destroy();
    this.#server.close();
    if (this.#sockets && !process.connected) {
      // The primary has ended, perhaps without a chance to remove the directory. Only the last worker can.
      try {
        rmdirSync(this.#sockets.directory);
      } catch {}
    }
  }

  /** Makes the ids of sessions name this worker. Applications may set their own function later. */
  #nameOwners(engine: Engine): void {
    let generate = engine.generateId.bind(engine);
    const named = async (request: IncomingMessage): Promise<string> => {
      const [{ host }, id] = await Promise.all([this.#ready(), generate(request)]);
      return ownedSessionId({ host, worker: this.#worker }, id);
    };
    Object.defineProperty(engine, 'generateId', {
      get: () => named,
      set: (own: Engine['generateId']) => {
        generate = own.bind(engine);
      },
      configurable: true,
      enumerable: true,
    });
  }

  /** Resolves when this worker listens: no other worker may learn of a session before. */
  async #ready(): Promise<PrivateSockets> {
    const sockets = await this.#open();
    await this.#listening;
    return sockets;
  }

  #open(): Promise<PrivateSockets> {
    this.#opened ??= this.#listen();
    return this.#opened;
  }

  async #listen(): Promise<PrivateSockets> {
    const { host, standby } = this.runtime;
    const channel = host.channel.open(forwardProtocol, () => {});
    const sockets = await channel.ask('privateSockets', { worker: this.#worker });
    channel.close();
    this.#sockets = sockets;
    const path = privateSocketPath(sockets.directory, this.#worker);
    this.#listening = new Promise((resolve, reject) =>
      standby.whenPlaced(() => void this.#server.listen(path).then(resolve, reject)),
    );
    this.#listening.catch(() => {});
    return sockets;
  }

  /** Returns the target to which a request must be forwarded; `undefined` if this worker handles it. */
  #targetOf(server: string, request: IncomingMessage): ForwardTarget | undefined {
    const id = sessionIdIn(request.url);
    const owner = id === undefined ? undefined : ownerOf(id);
    const sockets = this.#sockets;
    return id !== undefined &&
      owner &&
      sockets &&
      owner.host === sockets.host &&
      owner.worker !== this.#worker
      ? {
          socketPath: privateSocketPath(sockets.directory, owner.worker),
          sender: senderOf(request, this.#worker, server),
          id,
        }
      : undefined;
  }

  /** If the owner has ended, its sessions have ended too. This worker then answers as for any unknown session. */
  #forward(
    own: OwnEngine,
    request: IncomingMessage,
    response: ServerResponse,
    target: ForwardTarget,
  ): void {
    forwardRequest(request, response, target, this.#agent, () =>
      own.handleRequest(request, response),
    );
  }

  #forwardUpgrade(
    own: OwnEngine,
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    target: ForwardTarget,
  ): void {
    // Only the owner can close the WebSocket with a code: it knows where a message ends.
    onCloseRequest(socket, () => this.#closeAtOwner(target));
    forwardUpgrade(request, socket, head, target, () => own.handleUpgrade(request, socket, head));
  }

  #closeAtOwner({ socketPath, sender, id }: ForwardTarget): void {
    const order: Sender = { ...sender, close: id };
    const told = httpRequest({
      socketPath,
      agent: this.#agent,
      method: 'POST',
      headers: { ...senderHeader(order), 'content-length': 0 },
    });
    told.on('response', answer => answer.resume());
    // The socket is then closed without a code.
    told.on('error', () => {});
    told.end();
  }

  #onEvent(event: ClusterEvent): void {
    if (event.type === 'workerDraining' && event.id !== this.#worker) {
      this.#server.releasePollsOf(event.id);
    } else if (event.type === 'workerExited') {
      this.#server.forget(event.id);
    }
  }
}

const forwarders = oneEach((runtime: Runtime) => new SessionForwarder(runtime));

/**
 * Returns the forwarder of this process; `undefined` in single mode, where all sessions are in one process.
 *
 * @internal
 */
export function forwarderOf(runtime: Runtime): SessionForwarder | undefined {
  return runtime.mode === 'single' ? undefined : forwarders(runtime);
}
