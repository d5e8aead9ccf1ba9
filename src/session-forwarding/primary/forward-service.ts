import { randomBytes } from 'node:crypto';
import type { PrimaryService, ServiceClient } from '../../ipc/primary-service.interface.js';
import type { QuestionOf } from '../../ipc/protocol.js';
import { forwardProtocol, type ForwardQuestions } from '../forward.protocol.js';
import { HOST_ID_BYTES } from '../session-owner.js';
import { PrivateDirectory } from './private-directory.js';

/**
 * Tells the workers where their private sockets are, and removes those of dead workers. The primary forwards nothing
 * itself.
 *
 * @internal
 */
export class ForwardService implements PrimaryService<never, never, ForwardQuestions> {
  readonly protocol = forwardProtocol;
  readonly #host = randomBytes(HOST_ID_BYTES).toString('hex');
  readonly #workers = new Map<ServiceClient, number>();
  readonly #directory = new PrivateDirectory();

  onMessage(): void {}

  /** Rejects if the directory cannot be created; the worker gets the reason. */
  async onQuestion(
    client: ServiceClient<never>,
    { params: { worker }, answer }: QuestionOf<ForwardQuestions>,
  ): Promise<void> {
    const directory = this.#directory.open();
    this.#workers.set(client, worker);
    answer({ directory, host: this.#host });
  }

  onExited(client: ServiceClient<never>): void {
    const worker = this.#workers.get(client);
    if (worker !== undefined) {
      this.#workers.delete(client);
      this.#directory.removeSocketOf(worker);
    }
  }
}
