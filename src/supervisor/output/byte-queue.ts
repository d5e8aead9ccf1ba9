/** How much small chunks are put together to, so that a queue of many does not need many times their size. */
const BLOCK_BYTES = 64 * 1024;

/**
 * Chunks of bytes that wait, in order. Chunks are put together, but never split.
 *
 * @internal
 */
export class ByteQueue {
  readonly #blocks: Buffer[] = [];
  /** The last of the blocks, as long as there is room in it. */
  #open: { readonly block: Buffer; used: number } | undefined;
  #size = 0;

  /** Bytes that wait. */
  get size(): number {
    return this.#size;
  }

  push(chunk: Buffer): void {
    this.#size += chunk.length;
    if (chunk.length > BLOCK_BYTES / 2) {
      this.#close();
      this.#blocks.push(chunk);
      return;
    }
    if (!this.#open || this.#open.used + chunk.length > BLOCK_BYTES) {
      this.#close();
      this.#open = { block: Buffer.allocUnsafeSlow(BLOCK_BYTES), used: 0 };
    }
    this.#open.used += chunk.copy(this.#open.block, this.#open.used);
  }

  /** Takes some of the bytes, from the beginning; `undefined` if there are none. */
  shift(): Buffer | undefined {
    if (this.#blocks.length === 0) {
      this.#close();
    }
    const block = this.#blocks.shift();
    this.#size -= block?.length ?? 0;
    return block;
  }

  clear(): void {
    this.#blocks.length = 0;
    this.#open = undefined;
    this.#size = 0;
  }

  #close(): void {
    if (this.#open) {
      this.#blocks.push(this.#open.block.subarray(0, this.#open.used));
      this.#open = undefined;
    }
  }
}
