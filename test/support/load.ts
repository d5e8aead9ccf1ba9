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

type Outcome = Exclude<keyof LoadReport, 'errors'> | 'reset';

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
  /** New connections that were reset before a response began, by the port of the client. */
  readonly #resets = new Map<number, string>();
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

  /**
   * Starts no further requests. Resolves when the requests in flight have ended.
   *
   * @param accepted the ports of the clients whose connections the application has accepted, from
   *   `Application.accepted`. A new connection that it has not accepted and that was reset counts as refused: the port
   *   closed with the connection in its queue. By default, every reset counts as cut
   */
  async stop(accepted?: ReadonlySet<number>): Promise<LoadReport> {
    this.#stopped = true;
    await Promise.all(this.#clients);
    for (const [port, why] of this.#resets) {
      if (accepted && !accepted.has(port)) {
        this.report.refused++;
      } else {
        this.report.cut++;
        this.report.errors.push(why);
      }
    }
    this.#resets.clear();
    return this.report;
  }

  async #client(keepAlive: boolean): Promise<void> {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    while (!this.#stopped) {
      const outcome = await this.#request(agent);
      if (outcome !== 'reset') {
        this.report[outcome]++;
      }
      await delay(
        outcome === 'refused' || outcome === 'reset' ? 20 : Math.random() * LONGEST_PAUSE,
      );
    }
    agent.destroy();
  }

  #request(agent: Agent): Promise<Outcome> {
    return new Promise(resolve => {
      let connected = false;
      let port: number | undefined;
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
          socket.once('connect', () => {
            connected = true;
            port = socket.localPort;
          });
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
          const why = `${code} on a ${reused} connection${connected ? '' : ', not connected'}`;
          if (code === 'ECONNRESET' && port && !request.socket?.bytesRead) {
            this.#resets.set(port, why);
            resolve('reset');
          } else {
            fail('cut', why);
          }
        }
      });
    });
  }
}
