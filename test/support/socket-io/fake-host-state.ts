/** The part of the shared state in which hosts find each other. */
export class FakeHostState {
  readonly fields = new Map<string, unknown>();
  readonly values = new Map<string, unknown>();
  /** How often all fields were read. */
  reads = 0;
  /** How often a field was set. */
  writes = 0;
  isDown = false;

  map(): never {
    return {
      set: (field: string, value: unknown) =>
        this.#answer(() => {
          this.writes++;
          this.fields.set(field, value);
        }),
      delete: (field: string) => this.#answer(() => this.fields.delete(field)),
      entries: () =>
        this.#answer(() => {
          this.reads++;
          return [...this.fields];
        }),
    } as never;
  }

  get(key: string): Promise<never> {
    return this.#answer(() => this.values.get(key) as never);
  }

  setIfAbsent(key: string, value: unknown): Promise<boolean> {
    return this.#answer(() => {
      const isAbsent = !this.values.has(key);
      if (isAbsent) {
        this.values.set(key, value);
      }
      return isAbsent;
    });
  }

  #answer<T>(answer: () => T): Promise<T> {
    return this.isDown ? Promise.reject(new Error('down')) : Promise.resolve().then(answer);
  }
}
