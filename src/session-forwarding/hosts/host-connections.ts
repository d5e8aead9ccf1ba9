import { Agent, type ClientRequest, request as httpRequest } from 'node:http';
import { Agent as SecureAgent, request as httpsRequest } from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import { connect as secureConnect } from 'node:tls';
import { KEPT_ALIVE } from '../kept-alive.js';
import { silentError } from '../peer-errors.js';
import type { PeerRequest } from '../peer.interface.js';
import type { HostPlace } from './host-address.js';

/** Milliseconds to wait for a connection, with its TLS handshake. */
const CONNECT_TIMEOUT = 2_000;

/**
 * The connections to other hosts. Those for requests are kept alive.
 *
 * @internal
 */
export class HostConnections {
  readonly #agent = new Agent(KEPT_ALIVE);
  readonly #secureAgent = new SecureAgent(KEPT_ALIVE);
  readonly #tls: { readonly servername?: unknown };

  /** @param tls options of `tls.connect()`, which are valid */
  constructor(tls: object = {}) {
    this.#tls = definedOptions(tls);
  }

  /**
   * Begins a request. It fails if the host cannot be reached in time, or is silent for too long.
   *
   * @param isFresh whether it needs a new connection
   * @param silence milliseconds
   * @throws if Node refuses to send it
   */
  request(
    place: HostPlace,
    options: PeerRequest,
    isFresh: boolean,
    silence: number,
  ): ClientRequest {
    const { secure } = place;
    const agent = secure ? this.#secureAgent : this.#agent;
    const asked = (secure ? httpsRequest : httpRequest)({
      ...options,
      ...this.#optionsFor(place),
      agent: isFresh ? false : agent,
    });
    asked.on('socket', socket => limitConnecting(socket, secure));
    return asked.setTimeout(silence, () => asked.destroy(silentError(silence)));
  }

  /** Opens a connection for an upgrade. It is closed if it is silent for too long. */
  connect(place: HostPlace, onConnected: () => void, silence: number): Socket {
    const { secure } = place;
    const to = this.#optionsFor(place);
    const socket = secure ? secureConnect(to, onConnected) : connect(to, onConnected);
    limitConnecting(socket, secure);
    return socket.setNoDelay(true).setTimeout(silence, () => socket.destroy(silentError(silence)));
  }

  close(): void {
    this.#agent.destroy();
    this.#secureAgent.destroy();
  }

  /** A certificate is checked for the name or the address of the host, and never for what a client has sent as `Host`. */
  #optionsFor({ host, port }: HostPlace) {
    const own = isIP(host) ? '' : host;
    const { servername } = this.#tls;
    return {
      ...this.#tls,
      // Otherwise Node takes the name from `Host`.
      servername: typeof servername === 'string' ? servername : own,
      host,
      port,
    };
  }
}

/** Returns options without those that are undefined: Node does not replace them by its defaults. @internal */
export function definedOptions(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** Gives a connection up that is not established in time: the other host may be gone. */
function limitConnecting(socket: Socket, isSecure: boolean): void {
  if (socket.connecting) {
    const giveUp = (): void =>
      void socket.destroy(new Error(`no connection within ${CONNECT_TIMEOUT} ms`));
    const timer = setTimeout(giveUp, CONNECT_TIMEOUT);
    const stop = (): void => clearTimeout(timer);
    socket.once(isSecure ? 'secureConnect' : 'connect', stop).once('close', stop);
  }
}
