import { LogLimiter } from '../system/log-limiter.js';
import { busMessages } from './bus.messages.js';
import { BUS_VERSION, OtherVersionError } from './payload/read-message.js';
import { LargeEventError } from './subscribe/durable/durable-event.js';

/** The maximum number of log lines a minute about hosts of other versions. Their names may be made up. */
const MAX_HOSTS = 10;

/**
 * Logs messages that cannot be read and requests that are refused: once for each source, and once a minute while more
 * follow.
 *
 * @internal
 */
export class BusWarnings {
  readonly #sources: LogLimiter;
  /** One line for all channels of a host of another version. */
  readonly #otherVersions: LogLimiter;

  constructor(
    private readonly warn: (message: string) => void,
    now?: () => number,
  ) {
    this.#sources = new LogLimiter({ now });
    this.#otherVersions = new LogLimiter({ now, maxLines: MAX_HOSTS });
  }

  /** @param place the source of the message: a channel, the list of members, or a topic log */
  unreadable(place: string, error: Error): void {
    if (error instanceof OtherVersionError) {
      this.#otherVersion(error);
      return;
    }
    this.#sources.log(place, further =>
      this.warn(busMessages.malformed(place, error.message, further)),
    );
  }

  /** A stored event is too large to be read. */
  tooLarge(topic: string, error: LargeEventError): void {
    this.#sources.log(topic, () => this.warn(busMessages.largeEvent(topic, error.message)));
  }

  /**
   * The backend refuses a request that a subscription repeats.
   *
   * @param reason one line is logged for all subscriptions with the same reason
   */
  stalled(filter: string, reason: string, error: unknown): void {
    this.#sources.log(reason, () => this.warn(busMessages.stalled(filter, error)));
  }

  #otherVersion({ host, version }: OtherVersionError): void {
    this.#otherVersions.log(`${host} ${version}`, () =>
      this.warn(busMessages.otherVersion(host, version, BUS_VERSION)),
    );
  }
}
