import {
  Agent,
  type AgentOptions,
  type ClientRequest,
  request as httpRequest,
  type RequestOptions,
} from 'node:http';
import { Agent as SecureAgent, request as httpsRequest } from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import { connect as secureConnect, type ConnectionOptions } from 'node:tls';
import type { HostPlace } from './host-address.js';

/** Milliseconds to wait for a connection, with its TLS handshake. */
const CONNECT_TIMEOUT = 2_000;

/** Milliseconds after which an idle connection is closed; earlier if the other host says so. */
const IDLE = 30_000;

const KEPT_ALIVE: AgentOptions = { keepAlive: true, maxSockets: Infinity, timeout: IDLE };

/**
 * The connections to other hosts. Those for requests are kept alive.
 *
 * @internal
 */
export class HostConnections {
  readonly #agent = new Agent(KEPT_ALIVE);
  readonly #secureAgent: SecureAgent;

  /** @param tls options of `tls.connect()` */
  constructor(private readonly tls: ConnectionOptions = {}) {
    this.#secureAgent = new SecureAgent({ ...KEPT_ALIVE, ...tls });
  }

  /**
   * Begins a request. It fails if the host cannot be reached in time, or is silent for too long.
   *
   * @param isFresh whether it needs a new connection
   * @param silence milliseconds
   * @throws if Node refuses to send it
   */
  request(
    { host, port, secure }: HostPlace,
    options: RequestOptions,
    isFresh: boolean,
    silence: number,
  ): ClientRequest {
    const to = { ...options, host, port };
    const asked = secure
      ? httpsRequest({
          ...to,
          // Otherwise, it would be what the client has sent as `Host`.
          servername: serverName(host),
          ...this.tls,
          agent: isFresh ? false : this.#secureAgent,
        })
      : httpRequest({ ...to, agent: isFresh ? false : this.#agent });
    asked.on('socket', socket => limitConnecting(socket, secure));
    asked.setTimeout(silence, () => asked.destroy(new Error(`no answer within ${silence} ms`)));
    return asked;
  }

  /** Opens a connection for an upgrade. It is closed if it is silent for too long. */
  connect({ host, port, secure }: HostPlace, onConnected: () => void, silence: number): Socket {
    const socket = secure
      ? secureConnect(
          { host, port, servername: serverName(host), ...this.tls } as ConnectionOptions,
          onConnected,
        )
      : connect({ host, port }, onConnected);
    limitConnecting(socket, secure);
    return socket.setNoDelay(true).setTimeout(silence, () => socket.destroy());
  }

  close(): void {
    this.#agent.destroy();
    this.#secureAgent.destroy();
  }
}

/** A certificate is checked for this name; if there is none, for the address. */
function serverName(host: string): string {
  return isIP(host) ? '' : host;
}

/** Gives a connection up that is not established in time: the other host may be gone. */
function limitConnecting(socket: Socket, isSecure: boolean): void {
  if (socket.connecting) {
    const timer = setTimeout(
      () => socket.destroy(new Error(`no connection within ${CONNECT_TIMEOUT} ms`)),
      CONNECT_TIMEOUT,
    );
    const stop = (): void => clearTimeout(timer);
    socket.once(isSecure ? 'secureConnect' : 'connect', stop).once('close', stop);
  }
}
