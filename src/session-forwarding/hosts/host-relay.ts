import type { ClientRequest, IncomingMessage } from 'node:http';
import { systemClock } from '../../system/time/clock.js';
import type { SharedState } from '../../state/shared-state.js';
import { takeHeader } from '../forwarded-headers.js';
import type { ForeignRequest, HostTicket, OtherHosts } from '../other-hosts.interface.js';
import type { Peer } from '../peer.interface.js';
import { clientOf } from '../sender.js';
import {
  type GivenAddress,
  type HostPlace,
  type ListeningOn,
  placeOf,
  type Unreachable,
} from './host-address.js';
import { HostConnections } from './host-connections.js';
import { HostDirectory } from './host-directory.js';
import { hostPeer } from './host-peer.js';
import { signTicket, TICKET_HEADER, verifyTicket } from './ticket.js';

/** Milliseconds between two orders to answer a poll that waits: an order may overtake the poll. */
const RELEASE_INTERVAL = 500;

/** The defaults of Engine.IO in milliseconds. */
const PING_INTERVAL = 25_000;
const PING_TIMEOUT = 20_000;

/** What the relay needs. @internal */
export interface HostRelayParts {
  readonly state: Pick<SharedState, 'map' | 'get' | 'setIfAbsent'>;
  /** Returns the id of this run of this host. */
  readonly hostId: () => Promise<string>;
  /** What the application says about its address. */
  readonly given: GivenAddress | undefined;
  /** Returns the addresses of this machine. */
  readonly own: () => readonly string[];
  /** Options of `tls.connect()`. */
  readonly tls?: object | undefined;
  /** Aborts when this worker drains. */
  readonly drainSignal: AbortSignal;
  /** Whether the whole host stops, and not only this worker. */
  readonly isStopping: () => boolean;
  readonly log: HostRelayLog;
}

/** @internal */
export interface HostRelayLog {
  announced(place: HostPlace): void;
  /** Other hosts cannot reach the server. */
  notAnnounced(unreachable: Unreachable): void;
  unreachable(place: HostPlace, error: Error): void;
  /** A host of the namespace has issued a ticket that has expired. */
  expired(): void;
}

/** A server that receives requests of clients. @internal */
export interface ListeningServer {
  readonly listening: boolean;
  on(event: 'listening', listener: () => void): unknown;
  address(): ListeningOn;
}

/**
 * Forwards requests to other hosts, to the addresses that they have announced, with a ticket that only hosts of the
 * namespace can issue.
 *
 * @internal
 */
export class HostRelay implements OtherHosts {
  readonly #directory: HostDirectory;
  readonly #connections: HostConnections;
  /** Polls that wait for an answer of another host. */
  readonly #polls = new Map<ClientRequest, () => void>();
  /** The servers of this host, by name. */
  readonly #places = new Map<string, HostPlace>();
  #announced: Promise<void> | undefined;
  #isClosed = false;
  #release: NodeJS.Timeout | undefined;
  readonly #onDrain = (): void => {
    const release = (): void => this.#polls.forEach(answer => answer());
    this.#release = setInterval(release, RELEASE_INTERVAL).unref();
    release();
  };

  constructor(private readonly parts: HostRelayParts) {
    this.#connections = new HostConnections(parts.tls);
    this.#directory = new HostDirectory(parts.state);
    parts.drainSignal.addEventListener('abort', this.#onDrain, { once: true });
  }

  /** Tells the other hosts where a server is, as soon as it listens. */
  announce(name: string, server: ListeningServer, isSecure: boolean): void {
    let former: string | undefined;
    const announce = (): void => {
      const { given, own, log } = this.parts;
      const found = placeOf(server.address(), isSecure, given, own);
      // A server that was closed for a while, because its worker was overloaded, is where it was.
      const text = JSON.stringify(found);
      if (text === former) {
        return;
      }
      former = text;
      if ('host' in found) {
        log.announced(found);
        this.#places.set(name, found);
        this.#announced = undefined;
        void this.announced();
      } else {
        log.notAnnounced(found);
      }
    };
    server.on('listening', announce);
    if (server.listening) {
      announce();
    }
  }

  /** Resolves when the secret of the namespace is known, or Redis did not answer. */
  async ready(): Promise<void> {
    await this.#directory.refresh();
  }

  async announced(): Promise<void> {
    this.#announced ??= this.#announceAll();
    await this.#announced;
  }

  takeTicket(request: IncomingMessage, id: string | undefined): HostTicket | 'expired' | undefined {
    const signed = takeHeader(request, TICKET_HEADER);
    const { secret } = this.#directory;
    if (signed === undefined || secret === undefined || id === undefined) {
      return undefined;
    }
    const ticket = verifyTicket(signed, { secret, sessionId: id, now: systemClock.wallTime() });
    if (ticket === 'expired') {
      this.parts.log.expired();
    }
    return ticket;
  }

  async find({ request, id, host, server, engine }: ForeignRequest): Promise<Peer | undefined> {
    const client = clientOf(request);
    const place = await this.#directory.find(host, server);
    const { secret } = this.#directory;
    if (!place || secret === undefined) {
      return undefined;
    }
    const { pingInterval = PING_INTERVAL, pingTimeout = PING_TIMEOUT } = engine.opts ?? {};
    return hostPeer({
      place,
      url: request.url ?? '/',
      // A session is never silent for longer.
      silence: pingInterval + pingTimeout,
      connections: this.#connections,
      isDraining: this.parts.drainSignal.aborted,
      polls: this.#polls,
      issue: (wish, ticketId) => {
        const at = systemClock.wallTime();
        return {
          [TICKET_HEADER]: signTicket({ ...wish, sessionId: id, at, ticketId, client }, secret),
        };
      },
      onUnreachable: error => {
        this.#directory.forget(host, server);
        this.parts.log.unreachable(place, error);
      },
    });
  }

  /** Resolves when this host is withdrawn, if it stops. Does not reject. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.parts.drainSignal.removeEventListener('abort', this.#onDrain);
    clearInterval(this.#release);
    this.#connections.close();
    await this.#directory.close(this.parts.isStopping());
  }

  async #announceAll(): Promise<void> {
    try {
      const host = await this.parts.hostId();
      if (!this.#isClosed) {
        await this.#directory.add(host, this.#places);
      }
    } catch {
      // Without an id, there are no sessions that could be forwarded. The next session tries again.
      this.#announced = undefined;
    }
  }
}
