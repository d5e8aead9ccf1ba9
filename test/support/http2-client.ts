import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { text } from 'node:stream/consumers';

/** The result of a request over HTTP/2. The server has not processed a refused request. */
export interface Http2Answer {
  readonly body?: string;
  readonly refused?: boolean;
}

/** One session of an HTTP/2 client. */
export class Http2Client {
  static async open(url: string): Promise<Http2Client> {
    const session = connect(url, { rejectUnauthorized: false });
    await once(session, 'connect');
    return new Http2Client(session);
  }

  readonly goneAway: Promise<unknown>;
  readonly closed: Promise<unknown>;
  readonly errors: Error[] = [];

  private constructor(private readonly session: ClientHttp2Session) {
    this.goneAway = once(session, 'goaway');
    this.closed = new Promise(resolve => session.once('close', resolve));
    session.on('error', (error: Error) => this.errors.push(error));
  }

  get isOpen(): boolean {
    return !this.session.closed && !this.session.destroyed;
  }

  async ask(path: string): Promise<Http2Answer> {
    const stream = this.session.request({ ':path': path });
    try {
      return { body: await text(stream) };
    } catch {
      return { refused: stream.rstCode === constants.NGHTTP2_REFUSED_STREAM };
    }
  }

  /** The body of an endless response, up to its end. `onBegin` is called with the first chunk. */
  async watch(path: string, onBegin: (chunk: string) => void = () => {}): Promise<string> {
    const stream = this.session.request({ ':path': path, accept: 'text/event-stream' });
    let body = '';
    stream.setEncoding('utf8');
    for await (const chunk of stream as AsyncIterable<string>) {
      if (body === '') {
        onBegin(chunk);
      }
      body += chunk;
    }
    return body;
  }

  destroy(): void {
    this.session.destroy();
  }
}
