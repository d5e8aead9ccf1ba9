import { Agent, get } from 'node:http';

/** What a probe was answered: the status code and the status in the body; or that nobody listens. */
export type Answer = `${number} ${string}` | 'refused';

/** As far as it is looked at. */
interface ProbeBody {
  readonly status: string;
  readonly details: { readonly host?: { readonly problems: readonly string[] } };
}

export interface ProberOptions {
  /** Whether all probes come over one connection, as long as that is kept; else each has its own. */
  readonly keepAlive?: boolean;
  /** Milliseconds from one probe to the next, whether or not that is answered. */
  readonly period?: number;
  /** Milliseconds after which a probe has got no answer. */
  readonly timeout?: number;
}

/** Probes an address again and again, as a balancer does. */
export class Prober {
  /** Each answer that was another one than the last. */
  readonly history: Answer[] = [];
  /** How many were answered. */
  answered = 0;
  /** What was wrong, in all that was answered. */
  readonly problems = new Set<string>();
  /** Why others were not. */
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
    { keepAlive = false, period = 50, timeout = 1_000 }: ProberOptions = {},
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

  /** Resolves when no probe is under way any more. */
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
          // On a machine that is too small, it is true now and then, whatever is tested.
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

  /** One that was overtaken by a later one tells of the past. */
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
