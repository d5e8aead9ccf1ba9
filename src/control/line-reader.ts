const NEWLINE = 0x0a;

/**
 * Divides a stream of bytes into lines of UTF-8.
 *
 * @internal
 */
export class LineReader {
  #pieces: Buffer[] = [];
  #length = 0;

  /**
   * @param maxBytes the maximum length of a line, without its end
   */
  constructor(private readonly maxBytes: number) {}

  /**
   * Returns the lines that the chunk completes; `undefined` if a line is too long. Then the stream must not be read any
   * further.
   */
  take(chunk: Buffer): string[] | undefined {
    const lines: string[] = [];
    let start = 0;
    for (let end; (end = chunk.indexOf(NEWLINE, start)) !== -1; start = end + 1) {
      if (!this.#keep(chunk.subarray(start, end))) {
        return undefined;
      }
      lines.push(Buffer.concat(this.#pieces).toString());
      this.#pieces = [];
      this.#length = 0;
    }
    return this.#keep(chunk.subarray(start)) ? lines : undefined;
  }

  #keep(piece: Buffer): boolean {
    this.#length += piece.length;
    if (this.#length > this.maxBytes) {
      this.#pieces = [];
      return false;
    }
    this.#pieces.push(piece);
    return true;
  }
}
