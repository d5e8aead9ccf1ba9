import { LogLimiter } from '../../system/log-limiter.js';
import { busMessages } from '../bus.messages.js';

/**
 * Logs events of `ClusterBus.emit()` that were not published: once for each topic, and once a minute while more fail.
 *
 * @internal
 */
export class EmissionLog {
  readonly #topics: LogLimiter;

  constructor(
    private readonly log: (message: string) => void,
    now?: () => number,
  ) {
    this.#topics = new LogLimiter({ now });
  }

  failed(topic: string, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#topics.log(topic, further => this.log(busMessages.emissionFailed(topic, why, further)));
  }
}
