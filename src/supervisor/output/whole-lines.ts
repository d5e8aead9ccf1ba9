const NEWLINE = 0x0a;

const BRACE = 0x7b;

/** Bytes; a longer line is passed on in pieces. */
const LONGEST_LINE = 1.5 * 2 ** 20;

/**
 * Splits a stream of bytes at line ends. Several processes write to one log, and a chunk read from a pipe may end in
 * the middle of a line.
 *
 * @internal
 */
export class WholeLines {
  #rest: Buffer[] = [];
  #restLength = 0;

  /** Bytes of the unfinished line. */
  get restLength(): number {
    return this.#restLength;
  }

  /** Whether there is an unfinished line. */
  get hasRest(): boolean {
    return this.#restLength > 0;
  }

  /** Whether the unfinished line begins like a JSON record. */
  get hasRestOfRecord(): boolean {
    return this.#rest[0]?.[0] === BRACE;
  }

  /** Returns the lines that are complete now. */
  take(chunk: Buffer): Buffer {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      this.#keep(chunk);
      return this.#restLength > LONGEST_LINE ? this.end() : Buffer.alloc(0);
    }
    const whole = chunk.subarray(0, end);
    const lines = this.hasRest ? Buffer.concat([...this.#rest, whole]) : whole;
    this.#rest = [];
    this.#restLength = 0;
    this.#keep(chunk.subarray(end));
    return lines;
  }

  /** Returns the unfinished line. */
  end(): Buffer {
    const rest = Buffer.concat(this.#rest);
    this.#rest = [];
    this.#restLength = 0;
    return rest;
  }

  #keep(part: Buffer): void {
    if (part.length > 0) {
      this.#rest.push(part);
      this.#restLength += part.length;
    }
  }
}
