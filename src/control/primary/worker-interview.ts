import { ClientQuestions } from '../../ipc/client-questions.js';
import type { PrimaryService, ServiceClient } from '../../ipc/primary-service.interface.js';
import type { Clock } from '../../system/time/clock.js';
import {
  type ControlAnswer,
  type ControlAnswered,
  controlProtocol,
  type ControlQuestion,
  type ControlTopic,
} from '../control.protocol.js';

/** Milliseconds within which a worker must answer, before another one is asked. */
const PATIENCE = 3_000;

/** The maximum number of workers that are asked the same. */
const MAX_WORKERS_ASKED = 3;

type Client = ServiceClient<ControlQuestion>;

/**
 * Asks workers what only they know, for clients of the control socket.
 *
 * @internal
 */
export class WorkerInterview implements PrimaryService<ControlAnswered, ControlQuestion> {
  readonly protocol = controlProtocol;
  readonly #ready = new Set<Client>();
  readonly #questions: ClientQuestions<Client, ControlAnswer>;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#questions = new ClientQuestions(clock, PATIENCE);
  }

  onMessage(_: Client, { id, answer }: ControlAnswered): void {
    this.#questions.answered(id, answer);
  }

  onQuestion(): void {}

  onReady(client: Client): void {
    this.#ready.add(client);
  }

  onExited(client: Client): void {
    this.#ready.delete(client);
  }

  /**
   * Resolves with the answer of a ready worker. If one does not answer in time, another one is asked, up to three.
   *
   * @returns `undefined` if none answers
   */
  async ask(topic: ControlTopic): Promise<ControlAnswer | undefined> {
    const clients = [...this.#ready].filter(({ state }) => state === 'ready');
    for (const client of clients.slice(0, MAX_WORKERS_ASKED)) {
      const answer = await this.#questions.ask(client, id =>
        client.send({ type: 'controlQuestion', id, topic }),
      );
      if (answer) {
        return answer;
      }
    }
    return undefined;
  }
}
