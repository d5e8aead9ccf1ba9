import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

const UPGRADED = 'HTTP/1.1 101 Switching Protocols\r\n\r\n';

/** A request of the DevTools protocol. */
export interface InspectorRequest {
  readonly id: number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Encodes a text as a frame of a server. */
export function served(text: string): Buffer {
  const payload = Buffer.from(text);
  const head =
    payload.length < 126
      ? Buffer.from([0x81, payload.length])
      : Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, payload]);
}

/** An inspector that answers what a test wants. */
export class FakeInspector {
  readonly requests: InspectorRequest[] = [];
  readonly sockets = new Set<Socket>();
  readonly #server: Server;

  /**
   * @param answer called with each request and with what sends an object
   * @param accept called with the socket instead of the handshake
   */
  constructor(
    answer: (request: InspectorRequest, send: (message: object) => void, socket: Socket) => void,
    accept?: (socket: Socket) => void,
  ) {
    this.#server = createServer(socket => {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.sockets.delete(socket));
      if (accept) {
        accept(socket);
        return;
      }
      socket.once('data', () => {
        socket.write(UPGRADED);
        socket.on('data', (frames: Buffer) => {
          for (const request of requestsIn(frames)) {
            this.requests.push(request);
            answer(request, message => socket.write(served(JSON.stringify(message))), socket);
          }
        });
      });
    });
  }

  /** Listens, and returns its address. */
  async listen(): Promise<URL> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    return new URL(`ws://127.0.0.1:${port}/id`);
  }

  close(): void {
    this.#server.close();
    this.sockets.forEach(socket => socket.destroy());
  }
}

/** The requests in what `textFrame()` has encoded: with a length of 16 bits, and masked with zeros. */
function* requestsIn(frames: Buffer): Generator<InspectorRequest> {
  for (let start = 0; start < frames.length;) {
    const end = start + 8 + frames.readUInt16BE(start + 2);
    yield JSON.parse(frames.toString('utf8', start + 8, end)) as InspectorRequest;
    start = end;
  }
}
