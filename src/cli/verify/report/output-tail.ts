const LINES = 30;

/** The last lines of an application's output. @internal */
export class OutputTail {
  #text = '';

  add(chunk: Buffer): void {
    const lines = `${this.#text}${chunk.toString()}`.split('\n');
    this.#text = lines.slice(-LINES - 1).join('\n');
  }

  toString(): string {
    return this.#text;
  }
}
