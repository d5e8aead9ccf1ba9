import type { StateMemory } from '../../../model/host-status.interface.js';
import type { OperationFailure } from '../../operation.js';

const MEBIBYTE = 1024 * 1024;

/**
 * The memory that the shared state and the bus use in the primary, and its limit. Each owner of data reports its
 * size, as estimated by `byte-sizes.ts`.
 *
 * @internal
 */
export class MemoryBudget {
  #used = 0;

  /** @param limit in bytes */
  constructor(readonly limit = Infinity) {}

  /** Used memory in bytes. */
  get used(): number {
    return this.#used;
  }

  /** Returns limit and usage. */
  describe(): StateMemory {
    return { used: this.#used, limit: this.limit };
  }

  /** Returns whether there is room for `bytes` more. Zero or fewer bytes always fit. */
  fits(bytes: number): boolean {
    return bytes <= 0 || this.#used + bytes <= this.limit;
  }

  /** Adds to the used bytes; `bytes` may be negative. */
  add(bytes: number): void {
    this.#used += bytes;
  }

  /** Returns the failure of an operation for which there is no room. */
  full(): OperationFailure {
    return {
      failed: 'full',
      found: `the memory of the primary is full (${inMebibytes(this.#used)} of ${inMebibytes(this.limit)} MiB are used; see state.maxMemory)`,
    };
  }
}

function inMebibytes(bytes: number): string {
  return (bytes / MEBIBYTE).toFixed(1);
}
