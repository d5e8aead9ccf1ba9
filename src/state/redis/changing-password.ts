import type { RedisNode } from './redis-client.interface.js';

/** @internal */
export type Password = string | (() => string | Promise<string>);

/**
 * A password that may be another one by the time a connection is made anew.
 *
 * @internal
 */
export class ChangingPassword {
  /** Asks for the password of now. */
  static async of(password: Password | undefined): Promise<ChangingPassword> {
    const secret = new ChangingPassword(password);
    await secret.#ask();
    return secret;
  }

  #value: string | undefined;

  private constructor(private readonly password: Password | undefined) {}

  get asOption(): { readonly password?: string } {
    return this.#value === undefined ? {} : { password: this.#value };
  }

  /** Asks again whenever the client says one of these: it is about to connect again then. */
  follow(
    client: RedisNode,
    events: readonly ('close' | 'node error')[],
    apply: (password: string) => void,
  ): void {
    if (typeof this.password !== 'function') {
      return;
    }
    for (const event of events) {
      client.on(event, () => {
        void this.#ask().then(() => this.#value !== undefined && apply(this.#value));
      });
    }
  }

  async #ask(): Promise<void> {
    try {
      this.#value = typeof this.password === 'function' ? await this.password() : this.password;
    } catch {
      // With the old one, the server will say what is wrong; and the next attempt asks again.
    }
  }
}
