// @ts-check
import { createConnection } from 'node:net';
import { once } from 'node:events';

const CR = 13;
const MINUS = 45;
const COLON = 58;
const DOLLAR = 36;
const VERBATIM = 61;
const STAR = 42;
const PUSH = 62;
const NULL = 95;
const MAP = 37;

/** The length of a text that nobody needs in a message, or in a list of many. */
const LONG = 100;
const MANY = 50;

/** @typedef {{ resolve: (value: any) => void, reject: (error: Error) => void }} Waiting */

/**
 * A connection to a Redis server with RESP3, as the one of a worker. It does no more than a measurement needs, so that a
 * process can have thousands of them.
 */
export class Connection {
  /** @param {number} port */
  static async open(port) {
    const socket = createConnection({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    const connection = new Connection(socket);
    await connection.command('HELLO', '3');
    return connection;
  }

  messages = 0;
  /** Whether long messages, and long texts in lists of many, are left out. */
  leavesOut = true;
  /** Whether the server has closed it. */
  isClosed = false;
  /** @type {(channel: string, message: string) => void} */
  onMessage = () => {};
  /** @type {Waiting[]} */
  #waiting = [];
  /** @type {Buffer} */
  #rest = Buffer.alloc(0);
  #at = 0;
  /** The lists that are being read. @type {{ items: any[], length: number, isPush: boolean }[]} */
  #lists = [];

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.socket = socket;
    socket.on('data', chunk => this.#take(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
      this.#waiting.forEach(({ reject }) =>
        reject(new Error('The server has closed a connection')),
      );
      this.#waiting = [];
    });
  }

  /** @param {(string | number)[]} words */
  command(...words) {
    if (this.isClosed) {
      return Promise.reject(new Error('The server has closed this connection'));
    }
    const parts = words.map(word => {
      const text = String(word);
      return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
    });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.socket.write(`*${words.length}\r\n${parts.join('')}`);
    });
  }

  close() {
    this.isClosed = true;
    this.socket.destroy();
  }

  /** @param {Buffer} chunk */
  #take(chunk) {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#at = 0;
    for (;;) {
      const value = this.#next();
      if (value === INCOMPLETE) {
        break;
      }
      this.#complete(value);
    }
    this.#rest = this.#rest.subarray(this.#at);
  }

  /**
   * Adds a value to the list that is being read, or ends a reply.
   *
   * @param {any} value
   */
  #complete(value) {
    let done = value;
    for (let list = this.#lists.at(-1); list; list = this.#lists.at(-1)) {
      list.items.push(done);
      if (list.items.length < list.length) {
        return;
      }
      this.#lists.pop();
      done = list.items;
      if (list.isPush) {
        this.#pushed(done);
        return;
      }
    }
    if (done instanceof Error) {
      this.#waiting.shift()?.reject(done);
    } else {
      this.#waiting.shift()?.resolve(done);
    }
  }

  /** @param {any} value */
  #pushed(value) {
    const [kind, channel, message] = value;
    if (kind === 'message' || kind === 'smessage') {
      this.messages++;
      this.onMessage(channel, message);
    } else {
      // The confirmation of a subscription.
      this.#waiting.shift()?.resolve(value);
    }
  }

  /**
   * Reads the next value that is no list, and begins lists on the way.
   *
   * @returns {any}
   */
  #next() {
    const buffer = this.#rest;
    for (;;) {
      const end = buffer.indexOf(CR, this.#at);
      if (end === -1 || end + 1 >= buffer.length) {
        return INCOMPLETE;
      }
      const type = buffer[this.#at];
      const start = this.#at + 1;
      if (type === DOLLAR || type === VERBATIM) {
        return this.#text(start, end);
      }
      if (type === PUSH && this.leavesOut && this.#skipsMessage(end + 2)) {
        continue;
      }
      this.#at = end + 2;
      if (type === STAR || type === PUSH || type === MAP) {
        const length = numberIn(buffer, start, end) * (type === MAP ? 2 : 1);
        if (length === 0) {
          return [];
        }
        this.#lists.push({ items: [], length, isPush: type === PUSH });
        continue;
      }
      const text = buffer.toString('utf8', start, end);
      return type === COLON
        ? Number(text)
        : type === NULL
          ? null
          : type === MINUS
            ? new Error(text)
            : text;
    }
  }

  /**
   * Counts a long message, and leaves it out. Returns whether there is a whole one.
   *
   * @param {number} from where its three texts begin
   */
  #skipsMessage(from) {
    const buffer = this.#rest;
    let at = from;
    let length = 0;
    for (let part = 0; part < 3; part++) {
      const end = buffer.indexOf(CR, at);
      if (end === -1 || buffer[at] !== DOLLAR) {
        return false;
      }
      length = numberIn(buffer, at + 1, end);
      at = end + 2 + length + 2;
    }
    if (length <= LONG || at > buffer.length) {
      return false;
    }
    this.messages++;
    this.#at = at;
    return true;
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  #text(start, end) {
    const buffer = this.#rest;
    const length = numberIn(buffer, start, end);
    const from = end + 2;
    if (from + length + 2 > buffer.length) {
      return INCOMPLETE;
    }
    this.#at = from + length + 2;
    const isLeftOut = this.leavesOut && length > LONG && (this.#lists.at(-1)?.length ?? 0) > MANY;
    return isLeftOut ? '' : buffer.toString('utf8', from, from + length);
  }
}

const INCOMPLETE = Symbol('incomplete');

/**
 * @param {Buffer} buffer
 * @param {number} start
 * @param {number} end
 */
function numberIn(buffer, start, end) {
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = (buffer[at] ?? 0) - 48;
    if (digit < 0) {
      return -1;
    }
    number = 10 * number + digit;
  }
  return number;
}
