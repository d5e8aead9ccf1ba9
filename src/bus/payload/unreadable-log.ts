import { monotonicNow } from '../../system/time/monotonic-now.js';
import { busMessages } from '../bus.messages.js';
import { BUS_VERSION, OtherVersionError } from './read-message.js';
import { RecentMap } from '../../system/collections/recent-map.js';

/** Milliseconds for which nothing more is logged of one source. */
const SILENCE = 60_000;

/** So many hosts of other versions are told of in that time: anybody may have made them up. */
const MAX_HOSTS = 10;

/** Of more sources than this, that which was heard of the longest ago is logged anew. */
const MAX_SOURCES = 1_000;

interface Source {
  readonly loggedAt: number;
  /** How many were dropped since. */
  dropped: number;
}

/**
 * Logs what arrived and could not be read: once for each source, and once a minute while it goes on.
 *
 * @internal
 */
export class UnreadableLog {
  readonly #sources = new RecentMap<string, Source>(MAX_SOURCES);
  /** When hosts of other versions were told of, the latest ones. */
  #hostsToldAt: readonly number[] = [];

  constructor(
    private readonly warn: (message: string) => void,
    private readonly now: () => number = monotonicNow,
  ) {}

  /** @param place where it came from: a channel, the list of members, a history */
  add(place: string, error: Error): void {
    // All that one host says is in its version, wherever it says it.
    const isVersion = error instanceof OtherVersionError;
    const source = isVersion ? `host ${error.host} ${error.version}` : place;
    const known = this.#sources.get(source);
    const now = this.now();
    if (known && now - known.loggedAt < SILENCE) {
      known.dropped++;
      return;
    }
    if (isVersion && !this.#tellsOfHost(now)) {
      return;
    }
    this.#sources.set(source, { loggedAt: now, dropped: 0 });
    this.warn(
      isVersion
        ? busMessages.otherVersion(error.host, error.version, BUS_VERSION)
        : busMessages.malformed(place, error.message, known?.dropped ?? 0),
    );
  }

  #tellsOfHost(now: number): boolean {
    const lately = this.#hostsToldAt.filter(at => now - at < SILENCE);
    const isAllowed = lately.length < MAX_HOSTS;
    this.#hostsToldAt = isAllowed ? [...lately, now] : lately;
    return isAllowed;
  }
}
