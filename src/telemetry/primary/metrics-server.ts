import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { printableError } from '../../system/text/printable.js';
import { acceptedFormat } from '../accepted-format.js';
import type { MetricsAddress } from '../metrics.protocol.js';
import { CONTENT_TYPES, type TextFormat } from '../content-types.js';

/** Milliseconds in which a client must have sent its request. */
const REQUEST_TIMEOUT = 5_000;

/**
 * The primary's own server for scrapers.
 *
 * @internal
 */
export class MetricsServer {
  readonly #server: Server;

  /**
   * @param hasPath whether the metrics are at a path
   * @param text returns the metrics
   */
  constructor(
    private readonly address: Pick<MetricsAddress, 'port' | 'host'>,
    private readonly hasPath: (path: string) => boolean,
    private readonly text: (format: TextFormat) => Promise<string>,
  ) {
    const timeouts = { requestTimeout: REQUEST_TIMEOUT, headersTimeout: REQUEST_TIMEOUT };
    this.#server = createServer(timeouts, (request, response) => {
      this.#respond(request, response).catch((error: unknown) => {
        response.writeHead(500).end(`${printableError(error)}\n`);
      });
    });
  }

  /** Rejects if the port cannot be opened. */
  async listen(): Promise<void> {
    const { port, host } = this.address;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, ...(host !== undefined && { host }) }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    // A failed `accept()` must not end the host.
    this.#server.on('error', () => {});
    this.#server.unref();
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '', headers } = request;
    if (!this.hasPath(url.split('?')[0]!)) {
      response.writeHead(404).end();
      return;
    }
    if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    const format = acceptedFormat(headers.accept);
    const text = await this.text(format);
    response.writeHead(200, { 'content-type': CONTENT_TYPES[format] }).end(text);
  }
}
