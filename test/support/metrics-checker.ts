import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { samplesOf } from './metrics-samples.js';

/** Milliseconds that a request may take before it counts as failed. */
const PATIENCE = 20_000;

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function ask(url: string, agent: Agent, method = 'GET', accept?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = accept === undefined ? {} : { accept };
    const sent = request(url, { agent, method, headers }, response => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    sent.setTimeout(PATIENCE, () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end();
  });
}

/** Clients that ask for `/work`, and count the answers by worker. */
export class CountedLoad {
  /** When each worker has answered, by pid. */
  readonly answers = new Map<number, number[]>();
  /** Requests that had no answer: they may have been counted nevertheless. */
  failed = 0;
  #stopped = false;
  readonly #clients: Promise<void>[];

  constructor(
    private readonly url: string,
    clients: number,
    private readonly pause = 5,
  ) {
    this.#clients = Array.from({ length: clients }, async (_, client) => this.#run(client));
  }

  get answered(): number {
    return [...this.answers.values()].reduce((sum, times) => sum + times.length, 0);
  }

  /** The answers of a worker since this time. */
  since(pid: number, time: number): number {
    return (this.answers.get(pid) ?? []).filter(at => at >= time).length;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  async #run(client: number): Promise<void> {
    const agent = new Agent({ keepAlive: client % 2 === 0, maxSockets: 1 });
    while (!this.#stopped) {
      try {
        const { status, text } = await ask(`${this.url}/work/${client}`, agent);
        if (status === 200) {
          const times = this.answers.get(Number(text)) ?? [];
          times.push(Date.now());
          this.answers.set(Number(text), times);
        } else {
          this.failed++;
        }
      } catch {
        this.failed++;
      }
      await delay(Math.random() * this.pause * 2);
    }
    agent.destroy();
  }
}

export interface Scrape {
  readonly begunAt: number;
  readonly duration: number;
  readonly samples: ReadonlyMap<string, number>;
}

/** Scrapes a page of metrics in a loop, and compares each counter with what it was before. */
export class Scraper {
  readonly scrapes: Scrape[] = [];
  readonly decreases: string[] = [];
  readonly failures: string[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #highest = new Map<string, number>();
  readonly #running: Promise<void>;
  #stopped = false;

  constructor(
    private readonly url: string,
    private readonly pause: number,
    private readonly accept?: string,
  ) {
    this.#running = this.#run();
  }

  /** Asks another page over the connection that the scraper has: of the same worker. */
  async ask(url: string): Promise<string> {
    return (await ask(url, this.#agent)).text;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    this.#agent.destroy();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#scrape();
      await delay(this.pause);
    }
  }

  async #scrape(): Promise<void> {
    const begunAt = Date.now();
    try {
      const { status, text } = await ask(this.url, this.#agent, 'GET', this.accept);
      if (status !== 200) {
        this.failures.push(`${status}: ${text}`);
        return;
      }
      const samples = samplesOf(text);
      this.scrapes.push({ begunAt, duration: Date.now() - begunAt, samples });
      this.#compare(text, samples);
    } catch (error) {
      // The worker of the connection was killed, or drains.
      this.failures.push(String(error));
    }
  }

  #compare(text: string, samples: ReadonlyMap<string, number>): void {
    const cumulative = [...text.matchAll(/^# TYPE (\S+) (counter|histogram)$/gm)].map(
      ([, name = '']) => name,
    );
    const isCumulative = (sample: string): boolean =>
      cumulative.some(
        name =>
          sample.startsWith(name) &&
          /^(_total|_bucket|_sum|_count)?(\{|$)/.test(sample.slice(name.length)),
      );
    const counters = [...samples].filter(([name]) => isCumulative(name));
    for (const [name, value] of counters) {
      if (value < (this.#highest.get(name) ?? 0)) {
        this.decreases.push(`${name}: ${this.#highest.get(name)} → ${value}`);
      }
      this.#highest.set(name, value);
    }
    const now = new Set(counters.map(([name]) => name));
    for (const name of this.#highest.keys()) {
      if (!now.has(name)) {
        this.decreases.push(`${name} is missing`);
      }
    }
  }
}

/** A worker that was killed. */
export interface Kill {
  readonly pid: number;
  readonly at: number;
}

/**
 * Compares the total of the host with the answers of the load, when the load has ended. Killed workers take with them what
 * they have not reported.
 *
 * @param held milliseconds between two reports, and what else may delay one
 */
export function compareTotals(
  total: number,
  load: CountedLoad,
  kills: readonly Kill[],
  held: number,
): { readonly missing: number; readonly allowed: number; readonly isGood: boolean } {
  const missing = load.answered - total;
  const allowed = kills.reduce((sum, { pid, at }) => sum + load.since(pid, at - held), 0);
  return { missing, allowed, isGood: missing <= allowed && -missing <= load.failed };
}
