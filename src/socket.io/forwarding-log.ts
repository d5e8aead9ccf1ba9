import type { Logger } from '@nestjs/common';
import {
  type HostPlace,
  placeText,
  type Unreachable,
} from '../session-forwarding/hosts/host-address.js';
import type { HostRelayLog } from '../session-forwarding/hosts/host-relay.js';
import { RecentMap } from '../system/collections/recent-map.js';
import { monotonicNow } from '../system/time/monotonic-now.js';
import { socketIoMessages } from './socket-io.messages.js';

/** Milliseconds between two log lines about one host. */
const SILENCE = 60_000;

/** The maximum number of hosts; beyond it, a host may be logged again early. */
const MAX_HOSTS = 100;

/**
 * Logs what concerns forwarding between hosts. What all workers of a host see alike is logged by the first one.
 *
 * @internal
 */
export class ForwardingLog implements HostRelayLog {
  readonly #loggedAt = new RecentMap<string, number>(MAX_HOSTS);

  constructor(
    private readonly logger: Pick<Logger, 'log' | 'warn'>,
    private readonly slot: () => number,
    private readonly now: () => number = monotonicNow,
  ) {}

  announced(place: HostPlace): void {
    if (this.slot() === 0) {
      this.logger.log(socketIoMessages.announced(placeText(place)));
    }
  }

  notAnnounced({ listening, addresses }: Unreachable): void {
    if (this.slot() === 0) {
      const where = typeof listening === 'object' ? listening?.address : listening;
      this.logger.warn(socketIoMessages.notAnnounced(where ?? 'no port', addresses));
    }
  }

  unreachable(place: HostPlace, error: Error): void {
    const where = placeText(place);
    this.#warn(where, () => socketIoMessages.hostUnreachable(where, error));
  }

  expired(): void {
    this.#warn('', socketIoMessages.expired);
  }

  #warn(about: string, message: () => string): void {
    const now = this.now();
    if (now - (this.#loggedAt.get(about) ?? -Infinity) >= SILENCE) {
      this.#loggedAt.set(about, now);
      this.logger.warn(message());
    }
  }
}
