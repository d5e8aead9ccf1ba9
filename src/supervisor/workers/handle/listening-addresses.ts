import type { ListeningAddress } from '../../../model/host-status.interface.js';

/** Addresses that one worker can tell of: more than any has, but not more than there is memory. */
const MAX_ADDRESSES = 1_000;

/** Where the servers of a worker listen. @internal */
export class ListeningAddresses {
  readonly #all: ListeningAddress[] = [];

  get all(): readonly ListeningAddress[] {
    return this.#all;
  }

  /** @returns whether it is news: a worker that was overloaded listens once more, where it did before */
  add(address: ListeningAddress): boolean {
    const isKnown = this.#all.some(
      known => known.address === address.address && known.port === address.port,
    );
    const isNews = !isKnown && this.#all.length < MAX_ADDRESSES;
    if (isNews) {
      this.#all.push(address);
    }
    return isNews;
  }
}
