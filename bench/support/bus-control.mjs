import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** How much longer than planned a command may take before it counts as stuck. */
const MARGIN_MILLISECONDS = 20_000;

/** Where the processes of a candidate connect to, to be told what to do. */
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
   * @returns {Promise<BusMember[]>} as many as that, once they have all connected
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

/** A process that takes part. */
export class BusMember {
  #socket;
  #lines;

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket.setNoDelay();
    this.#lines = createInterface({ input: socket });
    // Whoever is waited for and ends is noticed by what does not come.
    socket.on('error', () => {});
  }

  /**
   * One command at a time.
   *
   * @param {import('../apps/bus-member.js').Command} command
   * @returns {Promise<any>} what came of it
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
