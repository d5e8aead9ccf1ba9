import { monotonicNow } from '../../system/time/monotonic-now.js';
import { busMessages } from '../bus.messages.js';
import { BUS_VERSION, OtherVersionError } from './read-message.js';
import { RecentMap } from '../../system/collections/recent-map.js';

/** Milliseconds between two log lines about one source. */
const SILENCE = 60_000;

/** The maximum number of log lines about hosts of other versions in that time. Their names may be made up. */
const MAX_HOSTS = 10;

/** The maximum number of sources; beyond it, the least recently used one is dropped, and may be logged again early. */
const MAX_SOURCES = 1_000;

/**
 * Returns a log line.
 *
 * @param dropped the number of messages that were ignored since the last line about this source
 */
type Line = (place: string, why: string, dropped: number) => string;

interface Source {
  readonly loggedAt: number;
  /** Number of messages that were ignored since the last log line. */
  dropped: number;
}

/**
 * Logs messages that cannot be read, and requests that are refused: once for each source, and once a minute while more
 * follow.
 *
 * @internal
 */
export class UnreadableLog {
  readonly #sources = new RecentMap<string, Source>(MAX_SOURCES);
  /** The times of the latest log lines about hosts of other versions. */
  #hostsToldAt: readonly number[] = [];

  constructor(
    private readonly warn: (message: string) => void,
    private readonly now: () => number = monotonicNow,
  ) {}

  /** @param place the source of the message: a channel, the list of members, or a topic log */
  add(place: string, error: Error, line: Line = busMessages.malformed): void {
    // One line for all channels of a host of another version.
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
        : line(place, error.message, known?.dropped ?? 0),
    );
  }

  #tellsOfHost(now: number): boolean {
    const lately = this.#hostsToldAt.filter(at => now - at < SILENCE);
    const isAllowed = lately.length < MAX_HOSTS;
    this.#hostsToldAt = isAllowed ? [...lately, now] : lately;
    return isAllowed;
  }
}
