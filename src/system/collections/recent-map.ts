/** A map of bounded size. When it is full, the least recently used entry is removed. @internal */
export class RecentMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  /** The key that was set last. */
  #newest: Key | undefined;

  constructor(private readonly max: number) {}

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  /** Sets an entry, which counts as a use. */
  set(key: Key, value: Value): void {
    // The newest entry keeps its place: it is the last one.
    if (key !== this.#newest) {
      this.#entries.delete(key);
      this.#newest = key;
    }
    this.#entries.set(key, value);
    if (this.#entries.size > this.max) {
      this.#entries.delete(this.#entries.keys().next().value!);
    }
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  entries(): IterableIterator<[Key, Value]> {
    return this.#entries.entries();
  }
}
