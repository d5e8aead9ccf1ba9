import type { Logger } from '@nestjs/common';
import {
  type HostPlace,
  placeText,
  type Unreachable,
} from '../session-forwarding/hosts/host-address.js';
import type { HostRelayLog } from '../session-forwarding/hosts/host-relay.js';
import { LogLimiter } from '../system/log-limiter.js';
import { socketIoMessages } from './socket-io.messages.js';

/**
 * Logs what concerns forwarding between hosts. What all workers of a host see alike is logged by the first one.
 *
 * @internal
 */
export class ForwardingLog implements HostRelayLog {
  readonly #limiter: LogLimiter;

  constructor(
    private readonly logger: Pick<Logger, 'log' | 'warn'>,
    private readonly slot: () => number,
    now?: () => number,
  ) {
    this.#limiter = new LogLimiter({ now });
  }

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
    this.#limiter.log(about, () => this.logger.warn(message()));
  }
}
