const NEWLINE = 0x0a;

/** A line may arrive in pieces; a longer line than this is never filtered out. */
const LONGEST_LINE = 1024;

/**
 * Removes certain lines from a stream of bytes. Other lines pass unchanged, as soon as they are known not to match.
 *
 * @internal
 */
export class LineFilter {
  #rest: Buffer = Buffer.alloc(0);

  /**
   * @param taken returns `true` for a line, without its line end, that is removed
   */
  constructor(private readonly taken: (line: string) => boolean) {}

  pass(chunk: Buffer): Buffer {
    const bytes = Buffer.concat([this.#rest, chunk]);
    const passed: Buffer[] = [];
    let start = 0;
    for (
      let end = bytes.indexOf(NEWLINE);
      end !== -1;
      start = end + 1, end = bytes.indexOf(NEWLINE, start)
    ) {
      if (!this.taken(bytes.toString('utf8', start, end))) {
        passed.push(bytes.subarray(start, end + 1));
      }
    }
    this.#rest = bytes.subarray(start);
    if (this.#rest.length > LONGEST_LINE) {
      passed.push(this.end());
    }
    return Buffer.concat(passed);
  }

  /** Returns the unfinished line. */
  end(): Buffer {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest;
  }
}
