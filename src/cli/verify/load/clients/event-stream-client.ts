import type { Client } from './client.interface.js';
import { exchange } from './http-exchange.js';
import { untilRetry } from '../retry.js';
import type { Tally } from '../tally.js';
import { transportFor } from './http-transport.js';

/** @internal */
export interface EventStreamClientOptions {
  readonly url: URL;
  /** Milliseconds until a stream must begin. After that it may be silent for any time. */
  readonly patience: number;
}

/**
 * Stays connected to a stream of server-sent events, and reconnects at once when it ends, over a new connection, as
 * an `EventSource` does.
 *
 * @internal
 */
export class EventStreamClient implements Client {
  readonly #leaving = new AbortController();
  #connected = false;

  constructor(
    private readonly options: EventStreamClientOptions,
    private readonly tally: Tally,
  ) {}

  get isConnected(): boolean {
    return this.#connected;
  }

  async run(): Promise<void> {
    const { signal } = this.#leaving;
    while (!signal.aborted) {
      await this.#stream(signal);
    }
  }

  stop(): void {
    this.#leaving.abort();
  }

  async #stream(signal: AbortSignal): Promise<void> {
    const { url, patience } = this.options;
    const agent = transportFor(url).agent(true);
    const { phase } = this.tally;
    const begunAt = performance.now();
    const { requestFailure } = await exchange({
      url,
      agent,
      patience,
      signal,
      headers: { Accept: 'text/event-stream' },
      onStream: () => {
        this.#connected = true;
        this.tally.answer('sse', performance.now() - begunAt, phase);
      },
    });
    agent.destroy();
    this.#connected = false;
    if (signal.aborted) {
      return;
    }
    if (requestFailure) {
      this.tally.fail('sse', requestFailure);
      await untilRetry();
    } else {
      this.tally.endCleanly('sse');
    }
  }
}
