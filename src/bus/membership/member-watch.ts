import type { MemberChange } from './bus-member.interface.js';
import type { BusTransport } from '../bus-transport.interface.js';
import { MemberDirectory } from './member-directory.js';

/** Who hears of changes. @internal */
export interface MemberObserver {
  onGone(member: string): void;
  /** Seats in groups may have been given up. */
  onFewerSeats(): void;
}

/**
 * Keeps what is known of the members up to date: a list of them is asked for, and changes are told.
 *
 * @internal
 */
export class MemberWatch {
  readonly members = new MemberDirectory();
  /** What is told while a list is under way. */
  #news: MemberChange[] | undefined;

  constructor(
    private readonly transport: BusTransport,
    private readonly observer: MemberObserver,
  ) {}

  change(change: MemberChange): void {
    this.#news?.push(change);
    const hasFewerSeats = this.members.change(change);
    if ('left' in change) {
      this.observer.onGone(change.left);
    }
    if (hasFewerSeats) {
      this.observer.onFewerSeats();
    }
  }

  /** Asks who is there. Should the backend be away, it is asked again when that is back. */
  async learn(): Promise<void> {
    const news: MemberChange[] = [];
    this.#news = news;
    try {
      const { infos } = await this.transport.members();
      const gone = this.members.replace(infos);
      // What was told meanwhile may be newer.
      news.forEach(change => this.members.change(change));
      gone
        .filter(member => !this.members.knows(member))
        .forEach(member => this.observer.onGone(member));
      // Whether any has given up a consumer meanwhile is not known.
      this.observer.onFewerSeats();
    } catch {
      // See above.
    } finally {
      if (this.#news === news) {
        this.#news = undefined;
      }
    }
  }
}
