import type { Clock } from '../system/time/clock.js';
import type { ServiceClient } from './primary-service.interface.js';

/**
 * Questions of a part of the primary to its clients, which are answered by messages with the number of the question.
 *
 * @internal
 */
export class ClientQuestions<Client extends ServiceClient<never>, Answer> {
  readonly #waiting = new Map<
    number,
    { readonly client: Client; readonly settle: (answer?: Answer) => void }
  >();
  #last = 0;

  /** @param patience milliseconds within which a client must answer */
  constructor(
    private readonly clock: Pick<Clock, 'after'>,
    private readonly patience: number,
  ) {}

  /**
   * Asks a client.
   *
   * @param send sends the question with this number
   * @returns the answer; `undefined` if there is none in time, or `giveUp()` was called
   */
  ask(client: Client, send: (id: number) => unknown): Promise<Answer | undefined> {
    const id = ++this.#last;
    return new Promise<Answer | undefined>(resolve => {
      const cancel = this.clock.after(this.patience, () => resolve(undefined));
      const settle = (answer?: Answer): void => {
        cancel();
        resolve(answer);
      };
      this.#waiting.set(id, { client, settle });
      send(id);
    }).finally(() => this.#waiting.delete(id));
  }

  answered(id: number, answer: Answer): void {
    this.#waiting.get(id)?.settle(answer);
  }

  /** Expects no more answers of a client. */
  giveUp(client: Client): void {
    for (const { client: asked, settle } of this.#waiting.values()) {
      if (asked === client) {
        settle();
      }
    }
  }
}
