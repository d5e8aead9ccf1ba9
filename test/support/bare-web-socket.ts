import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const CLOSE = 0x8;

/** A frame that a server sent: https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** A WebSocket that exposes each frame, and answers nothing by itself. */
export class BareWebSocket {
  /** @param path the request target, as in a URL */
  static async open(port: number, path = '/', headers = ''): Promise<BareWebSocket> {
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${headers}\r\n`,
    );
    const bare = new BareWebSocket(socket);
    while (!bare.#upgraded) {
      await once(socket, 'data');
    }
    return bare;
  }

  readonly frames: Frame[] = [];
  /** Resolves when the server has reset or ended the connection. */
  readonly closed: Promise<unknown>;
  #unread = Buffer.alloc(0);
  #upgraded = false;

  private constructor(private readonly socket: Socket) {
    this.closed = once(socket, 'close');
    socket.on('error', () => {});
    socket.on('data', chunk => this.#read(chunk));
  }

  /** The bytes of an incomplete frame. */
  get unfinished(): number {
    return this.#unread.length;
  }

  /** The code of the close frame, if one has arrived. */
  get code(): number | undefined {
    return this.frames.find(({ opcode }) => opcode === CLOSE)?.payload.readUInt16BE();
  }

  send(text: string): void {
    const payload = Buffer.from(text);
    const length =
      payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
    const [size = 0, ...more] = length;
    // A mask of zeros does not change the payload.
    this.socket.write(
      Buffer.concat([Buffer.from([0x81, 0x80 | size, ...more, 0, 0, 0, 0]), payload]),
    );
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await once(this.socket, 'data');
    }
  }

  #read(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    if (!this.#upgraded) {
      const end = this.#unread.indexOf('\r\n\r\n');
      if (end < 0) {
        return;
      }
      this.#upgraded = true;
      this.#unread = this.#unread.subarray(end + 4);
    }
    for (let frame = this.#next(); frame; frame = this.#next()) {
      this.frames.push(frame);
    }
  }

  #next(): Frame | undefined {
    const [first = 0, second = 0] = this.#unread;
    const start = second < 126 ? 2 : second === 126 ? 4 : 10;
    if (this.#unread.length < start) {
      return undefined;
    }
    const length =
      start === 2
        ? second
        : start === 4
          ? this.#unread.readUInt16BE(2)
          : Number(this.#unread.readBigUInt64BE(2));
    if (this.#unread.length < start + length) {
      return undefined;
    }
    const payload = this.#unread.subarray(start, start + length);
    this.#unread = this.#unread.subarray(start + length);
    return { opcode: first & 0x0f, payload };
  }
}
