import { AsyncLocalStorage } from 'node:async_hooks';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { defineTopic } from '../bus/publish/topic.js';
import { topicMatcher } from '../bus/topic-filter.js';
import { ClusterBus } from '../bus/cluster-bus.js';
import { printable, printableError } from '../system/text/printable.js';

/** Injection token of the names and patterns of the events that cross. @internal */
export const BRIDGED_EVENTS = Symbol('BRIDGED_EVENTS');

type EventName = string | symbol | (string | symbol)[];

/** An event on its way. */
interface Crossing {
  readonly event: string | string[];
  /** JSON has no `undefined`: a value that is none is an empty list. */
  readonly values: readonly (readonly [unknown] | readonly [])[];
}

const TOPIC = defineTopic<Crossing>('$nestjs-cluster.event-emitter');

/**
 * Whether what runs does so because of an event that crosses: the handlers of every worker emit for
 * themselves what they emit then.
 */
const crossed = new AsyncLocalStorage<true>();

/**
 * Sends what is emitted here to the other workers, and emits what they send.
 *
 * @internal
 */
@Injectable()
export class EventEmitterBridge implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('EventEmitterBridge');
  readonly #matchers: readonly ((event: string) => boolean)[];
  readonly #untap: (() => void)[] = [];

  constructor(
    private readonly emitter: EventEmitter2,
    private readonly bus: ClusterBus,
    @Inject(BRIDGED_EVENTS) events: readonly string[],
  ) {
    this.#matchers = events.map(topicMatcher);
  }

  async onModuleInit(): Promise<void> {
    this.#tap('emit');
    this.#tap('emitAsync');
    await this.bus.subscribe(TOPIC, crossing => this.#receive(crossing));
  }

  onApplicationShutdown(): void {
    this.#untap.forEach(untap => untap());
  }

  /** Not a listener, which would show: in what `emit()` and `emitAsync()` return. */
  #tap(method: 'emit' | 'emitAsync'): void {
    const { emitter } = this;
    const emit = emitter[method].bind(emitter) as (event: EventName, ...values: unknown[]) => never;
    emitter[method] = (event: EventName, ...values: unknown[]) => {
      if (crossed.getStore() || !isCarried(event) || !this.#matches(event)) {
        return emit(event, ...values);
      }
      this.#send(event, values);
      return crossed.run(true, () => emit(event, ...values));
    };
    this.#untap.push(() => delete (emitter as Partial<EventEmitter2>)[method]);
  }

  #send(event: string | string[], values: readonly unknown[]): void {
    const crossing: Crossing = {
      event,
      values: values.map(value => (value === undefined ? [] : [value])),
    };
    this.bus
      .publish(TOPIC, crossing, { self: false })
      .catch((error: unknown) =>
        this.#logger.error(
          `The event "${printable(String(event))}" did not reach the other workers: ${printableError(error)}`,
        ),
      );
  }

  #receive({ event, values }: Crossing): void {
    crossed.run(true, () => this.emitter.emit(event, ...values.map(([value]) => value)));
  }

  #matches(event: string | string[]): boolean {
    const name = typeof event === 'string' ? event : event.join('.');
    return this.#matchers.some(matches => matches(name));
  }
}

/** Symbols mean nothing to other processes. */
function isCarried(event: EventName): event is string | string[] {
  return Array.isArray(event)
    ? event.every(part => typeof part === 'string')
    : typeof event === 'string';
}
