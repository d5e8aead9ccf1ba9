import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** Milliseconds that a command may take in addition to the planned time. */
const MARGIN_MILLISECONDS = 20_000;

/** A server to which the processes of a candidate connect, to receive commands. */
export class BusControl {
  /** @type {BusMember[]} */
  #members = [];
  #onMember = () => {};
  #server = createServer(socket => {
    this.#members.push(new BusMember(socket));
    this.#onMember();
  });

  async open() {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return /** @type {import('node:net').AddressInfo} */ (this.#server.address()).port;
  }

  /**
   * @param {number} count
   * @returns {Promise<BusMember[]>} this many processes, when all have connected
   */
  async members(count) {
    while (this.#members.length < count) {
      await new Promise(resolve => (this.#onMember = () => resolve(undefined)));
    }
    return this.#members;
  }

  close() {
    this.#server.close();
    this.#members.forEach(member => member.close());
  }
}

/** A connected process. */
export class BusMember {
  #socket;
  #lines;

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket.setNoDelay();
    this.#lines = createInterface({ input: socket });
    // An end of the process is noticed by the missing answer.
    socket.on('error', () => {});
  }

  /**
   * Sends one command at a time.
   *
   * @param {import('../apps/bus-member.js').Command} command
   * @returns {Promise<any>} its result
   */
  async tell(command) {
    this.#socket.write(`${JSON.stringify(command)}\n`);
    const expected = 'milliseconds' in command ? command.milliseconds : 0;
    const signal = AbortSignal.timeout(expected + MARGIN_MILLISECONDS);
    const [line] = await once(this.#lines, 'line', { signal }).catch(error => {
      throw new Error(`No answer to ${JSON.stringify(command)}`, { cause: error });
    });
    const { value, error } = JSON.parse(line);
    if (error) {
      throw new Error(`${JSON.stringify(command)}: ${error}`);
    }
    return value;
  }

  close() {
    this.#lines.close();
    this.#socket.destroy();
  }
}
