import type { MemberCard, MemberList } from '../../membership/bus-member.interface.js';
import { busMessages } from '../../bus.messages.js';
import type {
  BusTransport,
  Channel,
  Mark,
  TransportObserver,
} from '../../bus-transport.interface.js';
import { monotonicNow } from '../../../system/time/monotonic-now.js';
import { PrimaryRequestError } from '../../../model/errors/primary-request.error.js';
import type { BusRequest, WorkerChannel } from '../../../ipc/messages.js';

/** Who hears of what is said to each member of this process. @internal */
export type BusListeners = Map<string, TransportObserver>;

/**
 * The bus in the primary, over the wire.
 *
 * @internal
 */
export class WireTransport implements BusTransport {
  readonly relaysToPatterns = false;
  #unavailableSince: number | undefined;
  #member = '';

  constructor(
    private readonly wire: WorkerChannel,
    private readonly listeners: BusListeners,
  ) {}

  get unavailableSince(): number | undefined {
    return this.#unavailableSince;
  }

  open(card: MemberCard, observer: TransportObserver): void {
    this.#member = card.member;
    this.listeners.set(card.member, observer);
    // Should the primary be gone, whatever comes next finds out.
    this.#ask({ what: 'join', card }).catch(() => {});
  }

  async announce(card: MemberCard): Promise<void> {
    await this.#ask({ what: 'announce', card });
  }

  async members(): Promise<MemberList> {
    // Primary and workers are of one version.
    return { cards: await this.#ask({ what: 'members' }), strangers: [] };
  }

  async subscribe(channel: Channel): Promise<void> {
    await this.#ask({ what: 'subscribe', member: this.#member, channel }).catch(() => {});
  }

  async unsubscribe(channel: Channel): Promise<void> {
    await this.#ask({ what: 'unsubscribe', member: this.#member, channel }).catch(() => {});
  }

  async publish(channel: Channel, text: string, mark?: Mark): Promise<void> {
    await this.#ask({ what: 'publish', channel, text, ...(mark && { mark }) });
  }

  relay(): void {}

  /** The primary hears in order, and there is no other. */
  suspect(): void {}

  bury(): void {}

  /** Does not wait: the primary knows it, at the latest, when this process ends. */
  close(): Promise<void> {
    this.listeners.delete(this.#member);
    this.#ask({ what: 'leave', member: this.#member }).catch(() => {});
    return Promise.resolve();
  }

  async #ask(request: BusRequest): Promise<readonly MemberCard[]> {
    try {
      return await this.wire.ask('bus', request);
    } catch (cause) {
      if (cause instanceof PrimaryRequestError) {
        throw cause;
      }
      // The primary is gone, and its memory with it.
      this.#unavailableSince ??= monotonicNow();
      throw new Error(busMessages.primaryUnreachable(), { cause });
    }
  }
}
