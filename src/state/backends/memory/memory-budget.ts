import type { StateMemory } from '../../../model/host-status.interface.js';
import type { OperationFailure } from '../../operation.js';

const MEBIBYTE = 1024 * 1024;

/**
 * How much memory the primary uses for what it holds for others, and how much it may use. Everybody who holds
 * something tells how many bytes that takes, as estimated by `byte-sizes.ts`.
 *
 * @internal
 */
export class MemoryBudget {
  #used = 0;

  /** @param limit in bytes */
  constructor(readonly limit = Infinity) {}

  /** In bytes. */
  get used(): number {
    return this.#used;
  }

  /** What of it is used. */
  describe(): StateMemory {
    return { used: this.#used, limit: this.limit };
  }

  /** Whether there is room for so many more bytes. What grows by nothing always has room. */
  fits(bytes: number): boolean {
    return bytes <= 0 || this.#used + bytes <= this.limit;
  }

  /** So many more bytes are used, or fewer if it is negative. */
  add(bytes: number): void {
    this.#used += bytes;
  }

  /** What comes of an operation for which there is no room. */
  full(): OperationFailure {
    return {
      failed: 'full',
      found: `the memory of the primary is full (${inMebibytes(this.#used)} of ${inMebibytes(this.limit)} MiB are used, state.maxMemory)`,
    };
  }
}

function inMebibytes(bytes: number): string {
  return (bytes / MEBIBYTE).toFixed(1);
}
