import type { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from './client.interface.js';
import { exchange } from './http-exchange.js';
import { untilRetry } from '../retry.js';
import type { Tally } from '../tally.js';
import { transportFor } from './http-transport.js';

/** @internal */
export interface HttpClientOptions {
  readonly kind: 'keep-alive' | 'one-shot';
  readonly url: URL;
  readonly patience: number;
  /** Maximum of the random pause in ms before each request, in which its connection is idle. */
  readonly pause: number;
}

/**
 * Requests one path repeatedly, each time after the previous response: on one keep-alive connection, or on a new
 * connection for each request.
 *
 * @internal
 */
export class HttpClient implements Client {
  readonly isConnected = true;
  readonly #agent: Agent;
  #stopped = false;

  constructor(
    private readonly options: HttpClientOptions,
    private readonly tally: Tally,
  ) {
    this.#agent = transportFor(options.url).agent(options.kind === 'keep-alive');
  }

  async run(): Promise<void> {
    const { kind, url, patience, pause } = this.options;
    while (!this.#stopped) {
      if (pause > 0) {
        await delay(Math.random() * pause);
      }
      const { phase } = this.tally;
      const begunAt = performance.now();
      const { requestFailure } = await exchange({ url, agent: this.#agent, patience });
      if (requestFailure) {
        this.tally.fail(kind, requestFailure);
        await untilRetry();
      } else {
        this.tally.answer(kind, performance.now() - begunAt, phase);
      }
    }
    this.#agent.destroy();
  }

  stop(): void {
    this.#stopped = true;
  }
}
