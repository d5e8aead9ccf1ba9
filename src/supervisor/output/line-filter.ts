const NEWLINE = 0x0a;

/** A line may come in pieces, but one that is longer than this is none that is filtered out. */
const LONGEST_LINE = 1024;

/**
 * Takes whole lines out of a stream of bytes. What is not taken passes unchanged, as soon as it is
 * known to be that.
 *
 * @internal
 */
export class LineFilter {
  #rest: Buffer = Buffer.alloc(0);

  /** @param taken says yes to a line, without its end, that shall not pass */
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

  /** Gives the line that has no end yet. */
  end(): Buffer {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest;
  }
}
