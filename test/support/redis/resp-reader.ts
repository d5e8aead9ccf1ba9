/** A complete value of a RESP stream: a command or a reply. */
export interface RespValue {
  /** The first character. `>` is a push. */
  readonly type: string;
  /** The text of the first element, if there are elements, else the text of the value. For a command, its name. */
  readonly head: string;
  /** The end of the value in the bytes that were read last. */
  readonly end: number;
}

/** An aggregate whose elements are not complete. */
interface Aggregate {
  missing: number;
  /** Attributes precede a value, and are not values themselves. */
  readonly isAttribute: boolean;
}

/**
 * Finds the ends of the values in a stream of RESP2 or RESP3, in chunks of any size; see
 * https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
export class RespReader {
  #type = '';
  #head: string | undefined;
  #line = '';
  /** A string: its text so far, and the number of missing bytes, including the terminator. */
  #text = '';
  #missing = 0;
  readonly #open: Aggregate[] = [];

  /** Whether the current value is incomplete. */
  get isMidway(): boolean {
    return this.#type !== '';
  }

  /** Returns the values that these bytes complete. */
  read(bytes: Buffer): RespValue[] {
    const values: RespValue[] = [];
    let end = 0;
    const complete = (): void => {
      if (this.#completesValue()) {
        values.push({ type: this.#type, head: this.#head ?? '', end });
        this.#type = '';
        this.#head = undefined;
      }
    };
    while (end < bytes.length) {
      const start = end;
      if (this.#missing > 0) {
        end = Math.min(bytes.length, start + this.#missing);
        this.#missing -= end - start;
        this.#text += this.#head === undefined ? bytes.toString('latin1', start, end) : '';
        if (this.#missing === 0) {
          this.#head ??= this.#text.slice(0, -2);
          complete();
        }
      } else {
        const newline = bytes.indexOf('\n', start);
        end = newline < 0 ? bytes.length : newline + 1;
        this.#line += bytes.toString('latin1', start, end);
        this.#type ||= this.#line.charAt(0);
        if (newline >= 0 && this.#readLine()) {
          complete();
        }
      }
    }
    return values;
  }

  /** Whether the value consists of this line only. */
  #readLine(): boolean {
    const kind = this.#line.charAt(0);
    const rest = this.#line.slice(1, -2);
    const length = Number(rest);
    this.#line = '';
    switch (kind) {
      case '$':
      case '!':
      case '=':
        this.#text = '';
        this.#missing = length < 0 ? 0 : length + '\r\n'.length;
        return length < 0;
      case '*':
      case '~':
      case '>':
      case '%':
      case '|': {
        const missing = kind === '%' || kind === '|' ? 2 * length : length;
        if (missing > 0) {
          this.#open.push({ missing, isAttribute: kind === '|' });
        }
        return missing <= 0;
      }
      default:
        this.#head ??= rest;
        return true;
    }
  }

  /** Completes the enclosing aggregates if this was their last element. */
  #completesValue(): boolean {
    for (let parent = this.#open.at(-1); parent; parent = this.#open.at(-1)) {
      parent.missing--;
      if (parent.missing > 0) {
        return false;
      }
      this.#open.pop();
      if (parent.isAttribute) {
        return false;
      }
    }
    return true;
  }
}
