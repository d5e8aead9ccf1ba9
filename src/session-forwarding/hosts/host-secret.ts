import { randomBytes } from 'node:crypto';
import type { SharedState } from '../../state/shared-state.js';
import { matching } from '../../validation/shape/scalars.js';

const BYTES = 32;

const shape = matching(/^[0-9a-f]{64}$/, 'a secret');

/**
 * The secret that all hosts of the namespace share, in Redis.
 *
 * @internal
 */
export class HostSecret {
  #value: string | undefined;

  /** @param key of the secret */
  constructor(
    private readonly state: Pick<SharedState, 'get' | 'setIfAbsent'>,
    private readonly key: string,
  ) {}

  /** `undefined` as long as Redis has not told it. */
  get value(): string | undefined {
    return this.#value;
  }

  /** Reads it. If Redis has none, or has lost it, the hosts that know one store it. */
  async share(): Promise<void> {
    const own = this.#value ?? randomBytes(BYTES).toString('hex');
    await this.state.setIfAbsent(this.key, own);
    const secret = await this.state.get<string>(this.key);
    this.#value = shape(secret) ? undefined : secret;
  }
}
