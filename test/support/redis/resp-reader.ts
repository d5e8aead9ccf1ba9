/** A complete value of a RESP stream: a command, or an answer. */
export interface RespValue {
  /** The character it begins with. `>` is for what the server says unasked. */
  readonly type: string;
  /** The text of its first element if it has elements, else its own. Of a command, the name. */
  readonly head: string;
  /** Where it ends in the bytes that were read last. */
  readonly end: number;
}

/** A value whose elements are still coming in. */
interface Aggregate {
  missing: number;
  /** What precedes a value, and tells something about it, is none itself. */
  readonly isAttribute: boolean;
}

/**
 * Finds where values end in a stream of RESP2 or RESP3, in whatever pieces it comes in; see
 * https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
export class RespReader {
  #type = '';
  #head: string | undefined;
  #line = '';
  /** Of a string, its text so far and how many bytes are missing, with those that end it. */
  #text = '';
  #missing = 0;
  readonly #open: Aggregate[] = [];

  /** Whether more has to come before a value is complete. */
  get isMidway(): boolean {
    return this.#type !== '';
  }

  /** The values that these bytes complete. */
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

  /** Whether the line is all there is of what it begins. */
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

  /** Whether the end of an element is the end of all that it is an element of. */
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
