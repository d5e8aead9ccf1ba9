import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { isHttp2 } from '../http2/is-http2.js';
import { correctWith } from './moved-responses.js';

/** Called for each request, before the application handles it. @internal */
export type ObserveRequest = (
  request: IncomingMessage,
  response: ServerResponse | Http2ServerResponse,
) => void;

interface Watch {
  readonly listener: ObserveRequest;
  isReplaced: boolean;
}

/**
 * Watches and counts the requests of servers.
 *
 * @internal
 */
export class RequestWatch {
  readonly #watches = new WeakMap<Server, Watch>();
  /** HTTP/2 servers without a listener to requests. */
  readonly #streamServers = new WeakSet<Server>();
  #requests = 0;

  /** The number of requests so far. */
  get requests(): number {
    return this.#requests;
  }

  /**
   * Listens to the requests of a server, before the application's own listener, which may respond synchronously.
   *
   * Engine.IO removes all listeners, and calls them for requests that are not its own. So a listener that is added
   * again replaces the former one, which may still be called.
   */
  attach(server: Server, observe: ObserveRequest): void {
    const former = this.#watches.get(server);
    if (former && server.listeners('request').includes(former.listener)) {
      return;
    }
    if (isHttp2(server) && server.listenerCount('request') === 0) {
      this.#attachToStreams(server, observe);
      return;
    }
    const watch: Watch = {
      isReplaced: false,
      listener: (request, response) => {
        if (!watch.isReplaced) {
          this.#requests++;
          observe(request, response);
        }
      },
    };
    if (former) {
      former.isReplaced = true;
    }
    this.#watches.set(server, watch);
    correctWith(server, change => (this.#requests += change));
    server.prependListener('request', watch.listener);
  }

  /**
   * Counts the requests of an HTTP/2 server that handles streams itself, as gRPC does. With a listener to 'request',
   * Node would also make a response for each stream and send its trailers, and those of the server would then fail.
   */
  #attachToStreams(server: Server, observe: ObserveRequest): void {
    if (!server.listening) {
      // A listener to 'request' may follow until then.
      server.once('listening', () => this.attach(server, observe));
    } else if (!this.#streamServers.has(server)) {
      this.#streamServers.add(server);
      server.on('stream', () => this.#requests++);
    }
  }
}
