/**
 * Clients with WebSockets receive broadcasts, which one of them asks for. The arguments are the ports of the servers
 * that are compared.
 */
import { RawWebSocket } from '../support/raw-web-socket.mjs';
import { takeTurns } from '../support/turns.mjs';

const SOCKETS = 1000;
const IN_FLIGHT = 20;
/** Clients that connect at the same time. */
const CONNECTING = 50;
const TEXT = 'x'.repeat(200);
const SCHEDULE = { turns: 4, turnMilliseconds: 1000, warmupMilliseconds: 1000 };

class Audience {
  /** @param {number} port */
  static async open(port) {
    const audience = new Audience();
    for (let opened = 0; opened < SOCKETS; opened += CONNECTING) {
      const sockets = Array.from({ length: CONNECTING }, () =>
        RawWebSocket.open(port, () => audience.#onEvent()),
      );
      audience.#sockets.push(...(await Promise.all(sockets)));
    }
    return audience;
  }

  /** @type {RawWebSocket[]} */
  #sockets = [];
  #received = 0;
  #asked = 0;
  #isOver = true;
  #onDone = () => {};

  /**
   * Keeps a number of broadcasts in flight for some time, and waits until all clients have received all of them.
   *
   * @param {number} milliseconds
   */
  async listen(milliseconds) {
    const askedBefore = this.#asked;
    const begunAt = performance.now();
    this.#isOver = false;
    const done = new Promise(resolve => (this.#onDone = () => resolve(undefined)));
    setTimeout(() => (this.#isOver = true), milliseconds);
    for (let broadcast = 0; broadcast < IN_FLIGHT; broadcast++) {
      this.#ask();
    }
    await done;
    const taken = performance.now() - begunAt;
    if (this.#sockets.some(({ events }) => events !== this.#asked)) {
      throw new Error('A client has not received all events');
    }
    return { calls: this.#asked - askedBefore, milliseconds: taken };
  }

  /** The number of broadcasts. */
  get asked() {
    return this.#asked;
  }

  close() {
    this.#sockets.forEach(socket => socket.close());
  }

  #ask() {
    this.#asked++;
    this.#sockets[0]?.emit('say', TEXT);
  }

  #onEvent() {
    if (++this.#received % SOCKETS === 0) {
      if (!this.#isOver) {
        this.#ask();
      } else if (this.#received === this.#asked * SOCKETS) {
        this.#onDone();
      }
    }
  }
}

const ports = process.argv.slice(2).map(Number);
const audiences = [];
for (const port of ports) {
  audiences.push(await Audience.open(port));
}
const candidates = audiences.map((audience, index) => [
  String(index),
  (/** @type {number} */ milliseconds) => audience.listen(milliseconds),
]);
const rates = await takeTurns(
  Object.fromEntries(candidates),
  SCHEDULE,
  Number(process.env['BENCH_ROUND']),
);
audiences.forEach(audience => audience.close());
const result = audiences.map(({ asked }, index) => ({ perSecond: rates[String(index)], asked }));
process.stdout.write(`@result ${JSON.stringify(result)}\n`, () => process.exit());
