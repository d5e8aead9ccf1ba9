import type { ListeningAddress } from '../../../model/host-status.interface.js';

/** The maximum of addresses that are recorded for one worker, to limit memory. */
const MAX_ADDRESSES = 1_000;

/** The addresses on which the servers of a worker listen. @internal */
export class ListeningAddresses {
  readonly #all: ListeningAddress[] = [];

  get all(): readonly ListeningAddress[] {
    return this.#all;
  }

  /**
   * @returns whether the address is new: a worker that was overloaded listens again on the same one
   */
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
