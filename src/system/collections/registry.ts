/** Values that belong to an object, as long as they are in use. @internal */
export class Registry<Owner extends object, Value> {
  readonly #values = new WeakMap<Owner, Set<Value>>();

  /** Adds a value, and returns a function that removes it. */
  add(owner: Owner, value: Value): () => void {
    const values = this.#values.get(owner) ?? new Set();
    this.#values.set(owner, values.add(value));
    return () => values.delete(value);
  }

  /** Returns the values of an object, oldest first. */
  of(owner: Owner): readonly Value[] {
    return [...(this.#values.get(owner) ?? [])];
  }
}
