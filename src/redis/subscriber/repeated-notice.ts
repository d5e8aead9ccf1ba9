/**
 * Milliseconds; more than two beats of the keepalive, by which every member has asked for its refused subscriptions
 * again.
 */
const LATER = 11_000;

/**
 * Notifies of subscriptions that were refused and are made now, and once more a little later. Members with the same
 * Redis user ask at different times whether they are allowed, and a member cannot answer the first request for what
 * was missed before its own subscriptions are made.
 *
 * @internal
 */
export class RepeatedNotice {
  readonly #names = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly onBack: (names: readonly string[]) => void) {}

  tell(names: readonly string[]): void {
    names.forEach(name => this.#names.add(name));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const again = [...this.#names];
      this.#names.clear();
      this.onBack(again);
    }, LATER);
    this.onBack(names);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
