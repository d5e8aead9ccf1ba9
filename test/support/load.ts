import { Agent, get, type ClientRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** What became of the requests of a load. */
export interface LoadReport {
  /** Complete answers with status 200. */
  answered: number;
  /** The port was closed: nobody had accepted anything. */
  refused: number;
  /** Cut off: reset, or closed before the answer was complete. */
  cut: number;
  /** No answer within the client's time. */
  hung: number;
  /** Answers with another status. */
  failed: number;
  /** What the cut, hung and failed ones said. */
  readonly errors: string[];
}

/** How long a client waits for an answer, if nothing else is said. */
const PATIENCE = 20_000;

type Outcome = Exclude<keyof LoadReport, 'errors'>;

/**
 * Clients that ask for one path again and again, each as soon as it has its answer: some keep their
 * connection, some open one for each request.
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

  /** Resolves when this many answers have come in. */
  async untilAnswered(count: number): Promise<void> {
    while (this.report.answered < count) {
      await delay(10);
    }
  }

  /** No further requests; resolves when those under way have come to their end. */
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
      if (outcome === 'refused') {
        await delay(20);
      }
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
        // Reset before it was connected: the port closed in the middle of its handshake.
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
