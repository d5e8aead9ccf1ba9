import { kindOf } from '../../validation/describe-received.js';
import { LogLimiter } from '../../system/log-limiter.js';
import type { RedisNode } from './redis-client.interface.js';
import { redisMessages } from '../redis.messages.js';

/** @internal */
export type Password = string | (() => string | Promise<string>);

/**
 * A password that may change between connections.
 *
 * @internal
 */
export class ChangingPassword {
  /** Reads the current password. */
  static async of(
    password: Password | undefined,
    warn: (message: string) => void,
    now?: () => number,
  ): Promise<ChangingPassword> {
    const secret = new ChangingPassword(password, warn, now);
    await secret.#ask();
    return secret;
  }

  #value: string | undefined;
  readonly #limiter: LogLimiter;

  private constructor(
    private readonly password: Password | undefined,
    private readonly warn: (message: string) => void,
    now?: () => number,
  ) {
    this.#limiter = new LogLimiter({ now });
  }

  get asOption(): { readonly password?: string } {
    return this.#value === undefined ? {} : { password: this.#value };
  }

  /** Reads the password again whenever the client has lost a connection and is about to reconnect. */
  follow(client: RedisNode): void {
    if (typeof this.password !== 'function') {
      return;
    }
    for (const event of ['close', 'node error'] as const) {
      client.on(event, () => void this.#renew(client));
    }
    // A cluster client creates connections to new nodes with its initial options.
    client.on('+node', node => Object.assign(node.options, this.asOption));
  }

  async #renew(client: RedisNode): Promise<void> {
    await this.#ask();
    Object.assign(client.options, this.asOption);
  }

  async #ask(): Promise<void> {
    // On a failure, the old password stays. If it is wrong, the server refuses it, and the next attempt reads it again.
    try {
      const value: unknown =
        typeof this.password === 'function' ? await this.password() : this.password;
      if (value === undefined || value === null || typeof value === 'string') {
        this.#value = value ?? undefined;
      } else {
        this.#warn(redisMessages.passwordNotString(kindOf(value)));
      }
    } catch (error) {
      this.#warn(redisMessages.passwordFailed(nameOfError(error)));
    }
  }

  /** Each reconnection fails in the same way. */
  #warn(message: string): void {
    this.#limiter.log(message, () => this.warn(message));
  }
}

/** Returns the code or the name of an error, because its message may contain the password. */
function nameOfError(error: unknown): string {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  if (typeof code === 'string' && /^[A-Z][A-Z_]{1,40}$/.test(code)) {
    return code;
  }
  return typeof name === 'string' && /^[A-Za-z]{0,40}(Error|Exception)$/.test(name)
    ? name
    : 'an error';
}
