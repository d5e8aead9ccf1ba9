import type {
  PrimaryService,
  ServiceClient,
  ServiceHost,
} from '../ipc/primary-service.interface.js';
import type { AnyFeatureProtocol, Message } from '../ipc/protocol.js';
import type { ClusterEvent } from '../model/events/cluster-event.interface.js';

/** A question of any feature. @internal */
export interface ServiceQuestion {
  readonly name: string;
  readonly params: unknown;
  readonly answer: (answer: never) => void;
}

type AnyService = PrimaryService<Message, never, never>;

/**
 * Routes messages and events to the services of a primary.
 *
 * @internal
 */
export class PrimaryServices implements Required<
  Pick<
    PrimaryService,
    'onStart' | 'onEvent' | 'onReady' | 'onDraining' | 'onPromoted' | 'onExited' | 'onSlotClosed'
  >
> {
  readonly #services: readonly AnyService[];
  readonly #byMessage = new Map<string, AnyService>();
  readonly #byQuestion = new Map<string, AnyService>();

  /**
   * @param services one for each protocol
   */
  constructor(services: readonly unknown[]) {
    this.#services = services as readonly AnyService[];
    for (const service of this.#services) {
      const { toPrimary, questions } = service.protocol as AnyFeatureProtocol;
      Object.keys(toPrimary).forEach(type => this.#byMessage.set(type, service));
      Object.keys(questions).forEach(name => this.#byQuestion.set(name, service));
    }
  }

  get protocols(): readonly AnyFeatureProtocol[] {
    return this.#services.map(({ protocol }) => protocol as AnyFeatureProtocol);
  }

  onMessage(client: ServiceClient, message: Message): void {
    this.#byMessage.get(message.type)?.onMessage(client, message);
  }

  onQuestion(client: ServiceClient, question: ServiceQuestion): void | Promise<void> {
    return this.#byQuestion.get(question.name)?.onQuestion(client, question as never);
  }

  onStart(host: ServiceHost): void {
    this.#services.forEach(service => service.onStart?.(host));
  }

  onEvent(event: ClusterEvent): void {
    this.#services.forEach(service => service.onEvent?.(event));
  }

  onReady(client: ServiceClient): void {
    this.#services.forEach(service => service.onReady?.(client));
  }

  onDraining(client: ServiceClient): void {
    this.#services.forEach(service => service.onDraining?.(client));
  }

  onPromoted(client: ServiceClient): void {
    this.#services.forEach(service => service.onPromoted?.(client));
  }

  onExited(client: ServiceClient): void {
    this.#services.forEach(service => service.onExited?.(client));
  }

  onSlotClosed(slot: number): void {
    this.#services.forEach(service => service.onSlotClosed?.(slot));
  }
}
