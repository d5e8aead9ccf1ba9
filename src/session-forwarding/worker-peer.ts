import { type Agent, type ClientRequest, request, type RequestOptions } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { AddedHeaders } from './forwarded-headers.js';
import type { Peer } from './peer.interface.js';
import { type Sender, senderHeader } from './sender.js';

/**
 * Another worker of this host, on its private socket.
 *
 * @internal
 */
export class WorkerPeer implements Peer {
  readonly headers: AddedHeaders;
  // Private servers keep idle connections open.
  readonly closesIdle = false;

  /**
   * @param url of the request
   * @param agent keeps connections alive
   */
  constructor(
    private readonly socketPath: string,
    private readonly sender: Sender,
    private readonly url: string,
    private readonly agent: Agent,
  ) {
    this.headers = senderHeader(sender);
  }

  request(options: RequestOptions): ClientRequest {
    return request({ ...options, socketPath: this.socketPath, agent: this.agent });
  }

  connect(onConnected: () => void): Socket {
    return connect(this.socketPath, onConnected);
  }

  close(): void {
    const headers = senderHeader({ ...this.sender, ticket: undefined, order: 'close' });
    const told = this.request({
      method: 'POST',
      path: this.url,
      headers: { ...headers, 'content-length': 0 },
    });
    told.on('response', answer => answer.resume());
    // The socket is then closed without a code.
    told.on('error', () => {});
    told.end();
  }

  /** A worker that has ended is no reason for concern. */
  onUnreachable(): void {}
}
