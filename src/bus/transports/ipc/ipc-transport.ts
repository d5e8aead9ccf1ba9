import type { MemberInfo, MemberList } from '../../membership/bus-member.interface.js';
import { memberChangeFrom } from '../../membership/member-change.js';
import { busMessages } from '../../bus.messages.js';
import type {
  BusTransport,
  Channel,
  Mark,
  TransportObserver,
} from '../../bus-transport.interface.js';
import { monotonicNow } from '../../../system/time/monotonic-now.js';
import { PrimaryRequestError } from '../../../model/errors/primary-request.error.js';
import type { HostChannel } from '../../../ipc/host-channel.interface.js';
import { type BusChannel, busProtocol, type BusRequest, type BusToWorker } from './bus.protocol.js';

/**
 * The bus through the primary; in single mode, in this process.
 *
 * @internal
 */
export class IpcTransport implements BusTransport {
  readonly relaysToPatterns = false;
  #unavailableSince: number | undefined;
  #member = '';
  #observer: TransportObserver | undefined;
  readonly #channel: BusChannel;

  constructor(host: HostChannel) {
    this.#channel = host.open(busProtocol, message => this.#onMessage(message));
  }

  get unavailableSince(): number | undefined {
    return this.#unavailableSince;
  }

  open(info: MemberInfo, observer: TransportObserver): void {
    this.#member = info.member;
    this.#observer = observer;
    // If the primary is gone, the next call fails.
    this.#ask({ what: 'join', info }).catch(() => {});
  }

  async announce(info: MemberInfo): Promise<void> {
    await this.#ask({ what: 'announce', info });
  }

  async members(): Promise<MemberList> {
    // Primary and workers run the same version.
    return { infos: await this.#ask({ what: 'members' }), strangers: [] };
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

  /** Does nothing: the primary reads its messages in order, and there is no other connection to switch to. */
  suspect(): void {}

  forgetMember(): void {}

  /** Does not wait: the primary notices when this process exits. */
  close(): Promise<void> {
    this.#observer = undefined;
    this.#channel.close();
    this.#ask({ what: 'leave', member: this.#member }).catch(() => {});
    return Promise.resolve();
  }

  #onMessage(message: BusToWorker): void {
    if (message.member !== this.#member) {
      return;
    }
    switch (message.type) {
      case 'text':
        this.#observer?.onText(message.channel, message.text);
        break;
      case 'skipped':
        this.#observer?.onSkipped(message.channel, message.mark);
        break;
      case 'member':
        this.#observer?.onMember(memberChangeFrom(message.change));
        break;
    }
  }

  async #ask(request: BusRequest): Promise<readonly MemberInfo[]> {
    try {
      return await this.#channel.ask('bus', request);
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
