import type { MemberInfo, MemberList } from '../../../src/bus/membership/bus-member.interface.js';
import type {
  BusTransport,
  Channel,
  TransportObserver,
} from '../../../src/bus/bus-transport.interface.js';

/** A transport that a test controls. */
export class FakeTransport implements BusTransport {
  relaysToPatterns: boolean = false;
  unavailableSince: number | undefined;
  readonly published: { channel: Channel; text: string }[] = [];
  suspected = 0;
  observer: TransportObserver | undefined;
  readonly #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  open(_card: MemberInfo, observer: TransportObserver): void {
    this.observer = observer;
  }

  publish(channel: Channel, text: string): Promise<void> {
    this.published.push({ channel, text });
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Confirms the oldest pending message, or rejects it with this reason. */
  async answer(error?: Error): Promise<void> {
    const { resolve, reject } = this.#waiting.shift()!;
    if (error) {
      reject(error);
    } else {
      resolve();
    }
    await new Promise(later => setImmediate(later));
  }

  announce(): Promise<void> {
    return Promise.resolve();
  }

  members(): Promise<MemberList> {
    return Promise.resolve({ infos: [], strangers: [] });
  }

  subscribe(): Promise<void> {
    return Promise.resolve();
  }

  unsubscribe(): Promise<void> {
    return Promise.resolve();
  }

  relay(): void {}

  suspect(): void {
    this.suspected++;
  }

  forgetMember(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}
