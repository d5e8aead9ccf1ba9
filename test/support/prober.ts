import { Agent, get } from 'node:http';

/** The result of a probe: the status code and the status in the body, or `refused`. */
export type Answer = `${number} ${string}` | 'refused';

/** The part of the body that the tests use. */
interface ProbeBody {
  readonly status: string;
  readonly details: { readonly host?: { readonly problems: readonly string[] } };
}

export interface ProberOptions {
  /** Whether all probes use one keep-alive connection. Otherwise, each has its own. */
  readonly keepAlive?: boolean;
  /** Milliseconds between two probes, answered or not. */
  readonly period?: number;
  /** Timeout of a probe in milliseconds. The default is long: a test machine may be busy, and tests are not about speed. */
  readonly timeout?: number;
}

/** Probes an address at regular intervals, as a load balancer does. */
export class Prober {
  /** Each answer that differs from the previous one. */
  readonly history: Answer[] = [];
  /** The number of answered probes. */
  answered = 0;
  /** All problems that the answers reported. */
  readonly problems = new Set<string>();
  /** The errors of the other probes. */
  readonly unanswered: string[] = [];
  /** The newest body. */
  body: ProbeBody | undefined;
  readonly #agent: Agent;
  readonly #timer: NodeJS.Timeout;
  readonly #underWay = new Set<Promise<void>>();
  #asked = 0;
  #newest = 0;

  constructor(
    private readonly url: string,
    { keepAlive = false, period = 50, timeout = 10_000 }: ProberOptions = {},
  ) {
    this.#agent = new Agent({ keepAlive, maxSockets: keepAlive ? 1 : Infinity });
    const probe = (): void => {
      const probed = this.#probe(++this.#asked, timeout).finally(() =>
        this.#underWay.delete(probed),
      );
      this.#underWay.add(probed);
    };
    probe();
    this.#timer = setInterval(probe, period);
  }

  get last(): Answer | undefined {
    return this.history.at(-1);
  }

  /** Resolves when no probe is in flight. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
    this.#agent.destroy();
  }

  #probe(number: number, timeout: number): Promise<void> {
    return new Promise(resolve => {
      const fail = (error: NodeJS.ErrnoException): void => {
        if (error.code === 'ECONNREFUSED') {
          this.#note(number, 'refused');
        } else {
          this.unanswered.push(error.message);
        }
        resolve();
      };
      const request = get(this.url, { agent: this.#agent, timeout }, response => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('error', fail).on('end', () => {
          this.answered++;
          const body = JSON.parse(text) as ProbeBody;
          const problems = body.details.host?.problems ?? [];
          problems.forEach(problem => this.problems.add(problem));
          // This happens on a slow machine in any test, so it is not a result.
          if (!problems.some(problem => problem.startsWith('The primary has not answered'))) {
            this.#note(number, `${response.statusCode ?? 0} ${body.status}`, body);
          }
          resolve();
        });
      });
      request.on('error', fail);
      request.on('timeout', () => request.destroy(new Error(`no answer within ${timeout} ms`)));
    });
  }

  /** Ignores the answer of a probe if a later probe has been answered. */
  #note(number: number, answer: Answer, body?: ProbeBody): void {
    if (number > this.#newest) {
      this.#newest = number;
      this.body = body ?? this.body;
      if (this.last !== answer) {
        this.history.push(answer);
      }
    }
  }
}
