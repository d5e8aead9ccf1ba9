/** Members in one chunk; a chunk is split when it has twice as many. */
const CHUNK = 512;

type Scored = readonly [member: string, score: number];

/**
 * Members ordered by score, highest first, and by name, greatest first, like `ZREVRANGE`. The members are in a list
 * of short sorted arrays, so that a change or a rank touches only a few hundred of a million members.
 *
 * @internal
 */
export class SortedMembers {
  readonly #scores = new Map<string, number>();
  readonly #chunks: Scored[][] = [];

  get size(): number {
    return this.#scores.size;
  }

  score(member: string): number | undefined {
    return this.#scores.get(member);
  }

  /** Sets the score of a member. @returns whether the member is new */
  set(member: string, score: number): boolean {
    const before = this.#scores.get(member);
    if (before !== undefined) {
      this.#take(member, before);
    }
    this.#scores.set(member, score);
    this.#put([member, score]);
    return before === undefined;
  }

  delete(member: string): boolean {
    const score = this.#scores.get(member);
    if (score === undefined) {
      return false;
    }
    this.#scores.delete(member);
    this.#take(member, score);
    return true;
  }

  /** Returns the number of members before this one. */
  rank(member: string): number | undefined {
    const score = this.#scores.get(member);
    if (score === undefined) {
      return undefined;
    }
    const [chunk, index] = this.#find([member, score]);
    return this.#chunks.slice(0, chunk).reduce((sum, { length }) => sum + length, index);
  }

  /** Returns the first `count` members, in order. */
  top(count: number): Scored[] {
    const result: Scored[] = [];
    for (const chunk of this.#chunks) {
      if (result.length >= count) {
        break;
      }
      result.push(...chunk.slice(0, count - result.length));
    }
    return result;
  }

  #put(scored: Scored): void {
    const [at, index] = this.#find(scored);
    const chunk = this.#chunks[at];
    if (!chunk) {
      this.#chunks.push([scored]);
      return;
    }
    chunk.splice(index, 0, scored);
    if (chunk.length >= 2 * CHUNK) {
      this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK));
    }
  }

  #take(member: string, score: number): void {
    const [at, index] = this.#find([member, score]);
    const chunk = this.#chunks[at]!;
    chunk.splice(index, 1);
    if (chunk.length === 0) {
      this.#chunks.splice(at, 1);
    }
  }

  /** Returns the position where an entry is or would be inserted: the chunk, and the index in it. */
  #find(scored: Scored): [chunk: number, index: number] {
    const isBefore = (other: Scored): boolean => compare(other, scored) < 0;
    const at = firstNot(this.#chunks, chunk => isBefore(chunk.at(-1)!));
    const chunk = Math.min(at, Math.max(0, this.#chunks.length - 1));
    return [chunk, firstNot(this.#chunks[chunk] ?? [], isBefore)];
  }
}

/** Returns the first index for which the condition is false, by binary search. */
function firstNot<T>(list: readonly T[], condition: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (condition(list[middle]!)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function compare([a, scoreOfA]: Scored, [b, scoreOfB]: Scored): number {
  return scoreOfB - scoreOfA || compareCodePoints(b, a);
}

/** Compares like Redis, by bytes of UTF-8: the order of code points, which differs from the order of UTF-16 units. */
function compareCodePoints(a: string, b: string): number {
  for (let index = 0; index < a.length && index < b.length; index++) {
    const unitOfA = a.charCodeAt(index);
    const unitOfB = b.charCodeAt(index);
    if (unitOfA !== unitOfB) {
      return weight(unitOfA) - weight(unitOfB);
    }
  }
  return a.length - b.length;
}

/** Sorts surrogates, which encode the highest code points, above all other units. */
function weight(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
