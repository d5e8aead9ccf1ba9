import { randomUUID } from 'node:crypto';
import type { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { exchange } from '../../build/cli/verify/load/clients/http-exchange.js';
import type { RequestFailure } from '../../build/cli/verify/load/request-failure.js';
import { transportFor } from '../../build/cli/verify/load/clients/http-transport.js';
import type { OrderReport } from '../fixtures/apps/chaos/orders.controller.js';
import type { Receipts } from './receipts.js';

/** Milliseconds between two orders of a buyer. */
const PAUSE = 10;

export interface BuyerOptions {
  readonly url: URL;
  readonly patience: number;
  readonly receipts: Receipts;
  readonly onFailure: (requestFailure: RequestFailure) => void;
}

/** The sixth kind of client: it sends orders in a loop, and records the answers. */
export class Buyer {
  readonly #agent: Agent;
  #stopped = false;

  constructor(private readonly options: BuyerOptions) {
    this.#agent = transportFor(options.url).agent(true);
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      await this.#order();
      await delay(PAUSE);
    }
    this.#agent.destroy();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #order(): Promise<void> {
    const { url, patience, receipts, onFailure } = this.options;
    const id = randomUUID();
    const body = JSON.stringify({ id });
    let report: OrderReport | undefined;
    const { requestFailure } = await exchange({
      url,
      agent: this.#agent,
      patience,
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
      send: request => {
        request.end(body);
        return Promise.resolve();
      },
      check: answer => {
        report = JSON.parse(answer) as OrderReport;
        return undefined;
      },
    });
    if (report) {
      receipts.add(id, report);
    } else if (requestFailure?.kind !== 'refused') {
      receipts.addUnanswered();
    }
    if (requestFailure) {
      onFailure(requestFailure);
    }
  }
}
