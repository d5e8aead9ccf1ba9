import { deferred } from '../../system/async/deferred.js';
import type { BusTransport } from '../bus-transport.interface.js';
import { MemberDirectory } from './member-directory.js';
import type { MemberChange } from './member-change.js';

/** Receives changes of the membership. @internal */
export interface MemberObserver {
  onGone(member: string): void;
  /** Called when consumers in groups may have been given up. */
  onFewerConsumers(): void;
  /** Called when this member has learned the patterns of a member. */
  onPatterns(member: string, patterns: readonly string[]): void;
}

/**
 * Keeps the member directory up to date from the list of all members and from announced changes.
 *
 * @internal
 */
export class MemberWatch {
  readonly members: MemberDirectory;
  #isKnown = false;
  readonly #known = deferred();
  /** Changes that were announced while a list is being read. */
  #news: MemberChange[] | undefined;

  constructor(
    private readonly transport: BusTransport,
    private readonly observer: MemberObserver,
  ) {
    this.members = new MemberDirectory((member, patterns) => observer.onPatterns(member, patterns));
  }

  /** Whether the list has been read, or the backend is available but refuses to list the members. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  change(change: MemberChange): void {
    this.#news?.push(change);
    const hasFewerConsumers = this.members.change(change);
    if ('left' in change) {
      change.left.forEach(member => this.observer.onGone(member));
    }
    if (hasFewerConsumers) {
      this.observer.onFewerConsumers();
    }
  }

  /** Reads the list of members. If the backend is unavailable, it is read again when the backend is back. */
  async learn(): Promise<void> {
    const news: MemberChange[] = [];
    this.#news = news;
    try {
      const { infos } = await this.transport.members();
      const gone = this.members.replace(infos);
      // Changes that were announced meanwhile may be newer than the list.
      news.forEach(change => this.members.change(change));
      gone
        .filter(member => !this.members.knows(member))
        .forEach(member => this.observer.onGone(member));
      // Members may have given up consumers in the meantime.
      this.observer.onFewerConsumers();
    } catch {
      // Read again when the backend is back.
    } finally {
      if (this.#news === news) {
        this.#news = undefined;
      }
      if (this.transport.unavailableSince === undefined) {
        this.#endWaiting();
      }
    }
  }

  /** Resolves when the members are known, or when this watch is closed. */
  untilKnown(): Promise<void> {
    return this.#known.promise;
  }

  close(): void {
    this.#endWaiting();
  }

  #endWaiting(): void {
    this.#isKnown = true;
    this.#known.resolve();
  }
}
