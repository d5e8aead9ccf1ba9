import { Agent, get, type ClientRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** The results of the requests of a load. */
export interface LoadReport {
  /** Complete responses with status 200. */
  answered: number;
  /** The port was closed: no process had accepted the connection. */
  refused: number;
  /** Reset, or closed before the response was complete. */
  cut: number;
  /** No response within the client's timeout. */
  hung: number;
  /** Responses with another status. */
  failed: number;
  /** The errors of the cut, hung and failed requests. */
  readonly errors: string[];
}

/** The default timeout of a client. */
const PATIENCE = 20_000;

/**
 * The longest pause of a client between two requests in ms; the average is half of it. Without pauses, a load takes all
 * of the CPU, and a replacement boots several times more slowly. With them, connections are in use as well as idle.
 */
const LONGEST_PAUSE = 60;

type Outcome = Exclude<keyof LoadReport, 'errors'>;

/**
 * Clients that request one path in a loop. Some keep their connection, and some open one for each request.
 */
export class Load {
  readonly report: LoadReport = {
    answered: 0,
    refused: 0,
    cut: 0,
    hung: 0,
    failed: 0,
    errors: [],
  };
  readonly #patience: number;
  readonly #clients: Promise<void>[];
  #stopped = false;

  constructor(
    private readonly url: string,
    {
      keepAlive = 0,
      oneShot = 0,
      patience = PATIENCE,
    }: { keepAlive?: number; oneShot?: number; patience?: number },
  ) {
    this.#patience = patience;
    this.#clients = [
      ...Array.from({ length: keepAlive }, () => this.#client(true)),
      ...Array.from({ length: oneShot }, () => this.#client(false)),
    ];
  }

  /** Resolves when this many responses have arrived. */
  async untilAnswered(count: number): Promise<void> {
    while (this.report.answered < count) {
      await delay(10);
    }
  }

  /** Starts no further requests. Resolves when the requests in flight have ended. */
  async stop(): Promise<LoadReport> {
    this.#stopped = true;
    await Promise.all(this.#clients);
    return this.report;
  }

  async #client(keepAlive: boolean): Promise<void> {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    while (!this.#stopped) {
      const outcome = await this.#request(agent);
      this.report[outcome]++;
      await delay(outcome === 'refused' ? 20 : Math.random() * LONGEST_PAUSE);
    }
    agent.destroy();
  }

  #request(agent: Agent): Promise<Outcome> {
    return new Promise(resolve => {
      let connected = false;
      const fail = (outcome: Outcome, why: string): void => {
        this.report.errors.push(why);
        resolve(outcome);
      };
      const request: ClientRequest = get(this.url, { agent }, response => {
        response.resume();
        response.on('error', error => fail('cut', `in answer: ${error.message}`));
        response.on('end', () =>
          response.statusCode === 200
            ? resolve('answered')
            : fail('failed', `status ${response.statusCode}`),
        );
      });
      request.on('socket', socket => {
        connected = !socket.connecting;
        if (!connected) {
          socket.once('connect', () => (connected = true));
        }
      });
      request.setTimeout(this.#patience, () => {
        fail('hung', 'no answer');
        request.destroy();
      });
      request.on('error', error => {
        const code = (error as NodeJS.ErrnoException).code;
        // Reset before it was connected: the port closed during the handshake.
        if (code === 'ECONNREFUSED' || (code === 'ECONNRESET' && !connected)) {
          resolve('refused');
        } else {
          const reused = request.reusedSocket ? 'kept-alive' : 'new';
          fail('cut', `${code} on a ${reused} connection${connected ? '' : ', not connected'}`);
        }
      });
    });
  }
}
