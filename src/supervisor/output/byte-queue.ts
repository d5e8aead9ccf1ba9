/** Small chunks are combined into blocks of this size, because many small buffers take several times their size. */
const BLOCK_BYTES = 64 * 1024;

/**
 * A queue of chunks of bytes. Chunks are combined, but never split.
 *
 * @internal
 */
export class ByteQueue {
  readonly #blocks: Buffer[] = [];
  /** The last block, as long as it has room. */
  #open: { readonly block: Buffer; used: number } | undefined;
  #size = 0;

  /** Queued bytes. */
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

  /** Removes and returns the first block; `undefined` if the queue is empty. */
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
