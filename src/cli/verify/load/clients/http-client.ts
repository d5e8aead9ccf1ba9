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
  /** Waits for a random time of up to so many milliseconds before each request: its connection is idle. */
  readonly pause: number;
}

/**
 * Asks for one path again and again, each time when it has its answer: on one connection, as long as
 * that is kept, or on one for each request.
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
