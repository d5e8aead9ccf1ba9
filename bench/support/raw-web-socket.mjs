import { once } from 'node:events';
import { connect } from 'node:net';

const KEY = Buffer.alloc(16, 7).toString('base64');

/** The opcode of text, in the last fragment of a message. */
const TEXT = 0x81;

/** The length that says that two bytes with the length follow. */
const LONG = 126;

/**
 * A client of Socket.IO that only counts the events that it receives, so that it costs little. It uses a WebSocket
 * alone.
 */
export class RawWebSocket {
  /**
   * @param {number} port
   * @param {() => void} onEvent called for each event
   */
  static async open(port, onEvent) {
    const socket = connect(port, '127.0.0.1').setNoDelay(true);
    await once(socket, 'connect');
    const client = new RawWebSocket(socket, onEvent);
    const head = [
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${KEY}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    await client.#connected;
    return client;
  }

  /** The number of events that it has received. */
  events = 0;
  #socket;
  #onEvent;
  #isOpen = false;
  /** @type {Buffer} */
  #rest = Buffer.alloc(0);
  #onConnected = () => {};
  #onFailed = (/** @type {Error} */ _error) => {};
  /** @type {Promise<void>} */
  #connected = new Promise((resolve, reject) => {
    this.#onConnected = resolve;
    this.#onFailed = reject;
  });

  /**
   * @param {import('node:net').Socket} socket
   * @param {() => void} onEvent
   */
  constructor(socket, onEvent) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    socket.on('data', data => this.#read(data));
    socket.on('error', error => this.#onFailed(error));
    socket.on('close', () => this.#onFailed(new Error('The server has closed a connection')));
  }

  /** @param {unknown[]} event */
  emit(...event) {
    this.#send(`42${JSON.stringify(event)}`);
  }

  close() {
    this.#socket.destroy();
  }

  /** @param {Buffer} data */
  #read(data) {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, data]) : data;
    let at = this.#isOpen ? 0 : this.#readHead(bytes);
    while (this.#isOpen && at + 2 <= bytes.length) {
      const length = bytes[at + 1] ?? 0;
      const start = at + (length === LONG ? 4 : 2);
      if (start > bytes.length) {
        break;
      }
      const end = start + (length === LONG ? bytes.readUInt16BE(at + 2) : length);
      if (end > bytes.length) {
        break;
      }
      this.#onPacket(bytes, start, end);
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }

  /**
   * @param {Buffer} bytes
   * @returns {number} where the first frame begins
   */
  #readHead(bytes) {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) {
      return 0;
    }
    this.#isOpen = true;
    this.#send('40');
    return end + 4;
  }

  /**
   * @param {Buffer} bytes
   * @param {number} start
   * @param {number} end
   */
  #onPacket(bytes, start, end) {
    const type = String.fromCharCode(bytes[start] ?? 0, bytes[start + 1] ?? 0);
    if (end - start === 1) {
      // A ping.
      this.#send('3');
    } else if (type === '42') {
      this.events++;
      this.#onEvent();
    } else if (type === '40') {
      this.#onConnected();
    }
  }

  /** @param {string} text of at most 64 kB */
  #send(text) {
    const body = Buffer.from(text);
    const length =
      body.length < LONG
        ? [body.length | 0x80]
        : [LONG | 0x80, body.length >> 8, body.length & 0xff];
    // The mask of zeros leaves the text as it is.
    this.#socket.write(Buffer.concat([Buffer.from([TEXT, ...length, 0, 0, 0, 0]), body]));
  }
}
