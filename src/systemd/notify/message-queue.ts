import type { ServiceMessage } from './service-message.js';

/** Sends a message. Rejects if it could not be sent. @internal */
export type SendMessage = (message: ServiceMessage) => Promise<void>;

/** How often a message is tried: a service that is not reported as ready is ended. */
const ATTEMPTS = 3;

/**
 * Sends messages to the service manager one after the other: each is sent by a process of its own, and these could
 * overtake each other. A message that repeats or outdates one that waits replaces it.
 *
 * @internal
 */
export class MessageQueue {
  readonly #waiting: ServiceMessage[] = [];
  #isSending = false;

  /**
   * @param onFailed called with the error of each attempt that failed
   * @param pause waits before the next attempt
   */
  constructor(
    private readonly send: SendMessage,
    private readonly onFailed: (error: unknown) => void,
    private readonly pause: () => Promise<void>,
  ) {}

  add(message: ServiceMessage): void {
    if (message.length === 0) {
      return;
    }
    const last = this.#waiting.at(-1);
    if (last && isOutdatedBy(last, message)) {
      this.#waiting.pop();
    }
    if (!this.#waiting.some(other => isRepeatedBy(other, message))) {
      this.#waiting.push(message);
    }
    void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    if (this.#isSending) {
      return;
    }
    this.#isSending = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      await this.#try(next);
    }
    this.#isSending = false;
  }

  async #try(message: ServiceMessage): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        await this.send(message);
        return;
      } catch (error) {
        this.onFailed(error);
      }
      if (attempt < ATTEMPTS) {
        await this.pause();
      }
    }
  }
}

/** Whether both messages have nothing but a status. */
function isOutdatedBy(message: ServiceMessage, next: ServiceMessage): boolean {
  return [...message, ...next].every(line => line.startsWith('STATUS='));
}

/** Whether one of the two messages is sufficient: signs of life and extensions. */
function isRepeatedBy(message: ServiceMessage, next: ServiceMessage): boolean {
  return (
    message.join('\n') === next.join('\n') &&
    next.every(line => line.startsWith('WATCHDOG=') || line.startsWith('EXTEND_TIMEOUT_USEC='))
  );
}
