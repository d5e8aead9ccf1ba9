import { kindOf } from '../../validation/describe-received.js';
import type { RedisNode } from './redis-client.interface.js';
import { redisMessages } from '../redis.messages.js';

/** @internal */
export type Password = string | (() => string | Promise<string>);

/**
 * A password that may be another one by the time a connection is made anew.
 *
 * @internal
 */
export class ChangingPassword {
  /** Asks for the password of now. */
  static async of(
    password: Password | undefined,
    warn: (message: string) => void,
  ): Promise<ChangingPassword> {
    const secret = new ChangingPassword(password, warn);
    await secret.#ask();
    return secret;
  }

  #value: string | undefined;

  private constructor(
    private readonly password: Password | undefined,
    private readonly warn: (message: string) => void,
  ) {}

  get asOption(): { readonly password?: string } {
    return this.#value === undefined ? {} : { password: this.#value };
  }

  /** Asks again whenever a connection of the client was lost: it is about to make another. */
  follow(client: RedisNode): void {
    if (typeof this.password !== 'function') {
      return;
    }
    for (const event of ['close', 'node error'] as const) {
      client.on(event, () => void this.#renew(client));
    }
    // Those to the nodes of a cluster are made anew as nodes come and go, with the options of the beginning.
    client.on('+node', node => Object.assign(node.options, this.asOption));
  }

  async #renew(client: RedisNode): Promise<void> {
    await this.#ask();
    Object.assign(client.options, this.asOption);
  }

  async #ask(): Promise<void> {
    // With the old one, the server will say what is wrong; and the next attempt asks again.
    try {
      const value: unknown =
        typeof this.password === 'function' ? await this.password() : this.password;
      if (value === undefined || value === null || typeof value === 'string') {
        this.#value = value ?? undefined;
      } else {
        this.warn(redisMessages.noText(kindOf(value)));
      }
    } catch (error) {
      this.warn(redisMessages.noPassword(nameOfError(error)));
    }
  }
}

/** What it says may have the password in it. */
function nameOfError(error: unknown): string {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  if (typeof code === 'string' && /^[A-Z][A-Z_]{1,40}$/.test(code)) {
    return code;
  }
  return typeof name === 'string' && /^[A-Za-z]{0,40}(Error|Exception)$/.test(name)
    ? name
    : 'an error';
}
