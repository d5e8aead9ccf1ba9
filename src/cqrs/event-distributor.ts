import { AsyncLocalStorage } from 'node:async_hooks';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { EventBus, type IEventPublisher } from '@nestjs/cqrs';
import type { ClusterBus } from '../bus/cluster-bus.js';
import { OWN_BUS } from '../bus/own-bus.token.js';
import { defineTopic } from '../bus/publish/topic.js';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { andOthers, LogLimiter } from '../system/log-limiter.js';
import { printable, printableError } from '../system/text/printable.js';
import { type DistributedEventClass, distributedEvents } from './distributed-events.js';
import { encodeEvent, reviveEvent, type SentCqrsEvent } from './event-encoding.js';

/** Events whose handlers run in every worker. */
const EACH = defineTopic<SentCqrsEvent>('$nestjs-cluster.cqrs.each');

/** The topics of events whose handlers run in one worker begin with this. */
const ONCE = '$nestjs-cluster.cqrs.once.';

const GROUP = 'handlers';

/**
 * Set while handlers of an event with `each` run: in the worker that published it, or in another one. Events that
 * these handlers publish are published by the handlers of every worker.
 */
const handling = new AsyncLocalStorage<'own' | 'received' | undefined>();

/**
 * Publishes distributed events on the bus, and hands the events that arrive to the `EventBus` of this worker.
 *
 * @internal
 */
@Injectable()
export class EventDistributor implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('ClusterCqrsModule');
  readonly #failures = new LogLimiter();
  readonly #unknown = new Set<string>();
  #eventBus!: EventBus;
  /** The publisher of the `EventBus`, which delivers events in this worker. */
  #local!: IEventPublisher;
  #stop: () => void = () => {};

  constructor(
    private readonly modules: ModuleRef,
    @Inject(OWN_BUS) private readonly bus: ClusterBus,
  ) {}

  async onModuleInit(): Promise<void> {
    this.#eventBus = this.#findEventBus();
    distributedEvents.all.forEach(({ name }) => distributedEvents.named(name));
    this.#local = this.#eventBus.publisher;
    this.#eventBus.publisher = this.#publisher();
    const handlersReady = this.#whenHandlersAreReady();
    await this.bus.subscribe(EACH, async event => {
      await handlersReady;
      this.#receive(event);
    });
    this.#stop = distributedEvents.observe(
      added => void this.#takePart(added, handlersReady).catch(error => this.#failed(added, error)),
    );
    await Promise.all(distributedEvents.all.map(each => this.#takePart(each, handlersReady)));
  }

  onApplicationShutdown(): void {
    this.#stop();
  }

  #findEventBus(): EventBus {
    try {
      return this.modules.get(EventBus, { strict: false });
    } catch {
      throw new ClusterConfigError(
        'ClusterCqrsModule',
        undefined,
        'imported together with CqrsModule',
        'ClusterCqrsModule found no EventBus. Import CqrsModule.forRoot() of @nestjs/cqrs in the same application.',
      );
    }
  }

  /**
   * Resolves when the handlers and sagas are registered. `CqrsModule` registers the sagas last, when the application
   * bootstraps.
   */
  #whenHandlersAreReady(): Promise<void> {
    const eventBus = this.#eventBus;
    return new Promise(resolve => {
      const registerSagas = eventBus.registerSagas.bind(eventBus);
      eventBus.registerSagas = (...args: Parameters<EventBus['registerSagas']>) => {
        registerSagas(...args);
        resolve();
      };
    });
  }

  #publisher(): IEventPublisher {
    const publish: IEventPublisher['publish'] = (event, context, asyncContext) => {
      const distributed = distributedEvents.of(event);
      return distributed
        ? this.#distribute(distributed, event, () =>
            this.#local.publish(event, context, asyncContext),
          )
        : (this.#local.publish(event, context, asyncContext) as unknown);
    };
    return {
      publish,
      publishAll: (events, context, asyncContext) =>
        this.#local.publishAll && !events.some(event => distributedEvents.of(event))
          ? (this.#local.publishAll(events, context, asyncContext) as unknown)
          : events.map(event => publish(event, context, asyncContext) as unknown),
    };
  }

  /**
   * Publishes an event on the bus.
   *
   * @returns a promise that callers need not await: its rejection is logged, once a minute for each class
   * @throws BusInputError if JSON cannot represent the event; no handler gets it
   */
  #distribute(
    distributed: DistributedEventClass,
    event: object,
    publishHere: () => unknown,
  ): Promise<unknown> {
    const sent = encodeEvent(distributed, event);
    const within = handling.getStore();
    let published: Promise<unknown>;
    if (distributed.handlers === 'each') {
      const here = handling.run(within ?? 'own', publishHere);
      // The handlers of every worker publish it.
      published = within
        ? Promise.resolve(here)
        : Promise.all([here, this.bus.publish(EACH, sent, { self: false })]).then(
            ([result]) => result,
          );
    } else if (within === 'received') {
      // The worker that published the event which is handled here publishes it.
      published = Promise.resolve();
    } else {
      published = this.bus.publish(ONCE + distributed.name, sent, { durable: true });
    }
    published.catch((error: unknown) => this.#failed(distributed, error));
    return published;
  }

  /** Takes events with `once` from their group. */
  async #takePart(distributed: DistributedEventClass, handlersReady: Promise<void>): Promise<void> {
    if (distributed.handlers === 'once') {
      await this.bus.subscribe<SentCqrsEvent>(
        ONCE + distributed.name,
        async ({ data }) => {
          await handlersReady;
          handling.run(undefined, () => this.#emit(distributed, data));
        },
        { group: GROUP, durable: true },
      );
    }
  }

  #receive({ name, data }: SentCqrsEvent): void {
    const distributed = distributedEvents.named(name);
    if (distributed) {
      handling.run('received', () => this.#emit(distributed, data));
    } else if (!this.#unknown.has(name)) {
      this.#unknown.add(name);
      this.#logger.warn(
        `Events "${printable(name)}" of another worker are ignored: no class of this worker has @DistributedEvent() and this name. Import the file of the class, or update the worker that runs older code.`,
      );
    }
  }

  /** Emits an event to the handlers and sagas of this worker, and not to the publisher, which would send it again. */
  #emit(distributed: DistributedEventClass, data: object): void {
    this.#eventBus.subject$.next(reviveEvent(distributed, data));
  }

  #failed({ name }: DistributedEventClass, error: unknown): void {
    this.#failures.log(name, further =>
      this.#logger.error(
        `The event ${printable(name)} was not distributed to the workers: ${printableError(error)}${andOthers(further)}`,
      ),
    );
  }
}
