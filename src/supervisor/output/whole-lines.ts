const NEWLINE = 0x0a;

/** A line that is longer than this is given in pieces. */
const LONGEST_LINE = 64 * 1024;

/**
 * Puts a stream of bytes together to whole lines, because several processes write to one log: what is read
 * from a pipe may end in the middle of a line.
 *
 * @internal
 */
export class WholeLines {
  #rest: Buffer[] = [];
  #restLength = 0;

  /** Whether a line has begun that has no end yet. */
  get hasRest(): boolean {
    return this.#restLength > 0;
  }

  /** Gives the lines that are whole now. */
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

  /** Gives the line that has no end yet. */
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
