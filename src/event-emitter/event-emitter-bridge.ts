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
import type { ClusterBus } from '../bus/cluster-bus.js';
import { OWN_BUS } from '../bus/own-bus.token.js';
import { andOthers, LogLimiter } from '../system/log-limiter.js';
import { printable, printableError } from '../system/text/printable.js';

/** Injection token of the names and patterns of the events to forward. @internal */
export const BRIDGED_EVENTS = Symbol('BRIDGED_EVENTS');

type EventName = string | symbol | (string | symbol)[];

/** A forwarded event. */
interface Crossing {
  readonly event: string | string[];
  /** The values, each in a list: JSON has no `undefined`, which is an empty list. */
  readonly values: readonly (readonly [unknown] | readonly [])[];
}

const TOPIC = defineTopic<Crossing>('$nestjs-cluster.event-emitter');

/**
 * Set while handlers of a forwarded event run. Events that they emit are not forwarded, because the handlers of every
 * worker emit them themselves.
 */
const crossed = new AsyncLocalStorage<true>();

/**
 * Sends the events of this worker to the other workers, and emits those that it receives.
 *
 * @internal
 */
@Injectable()
export class EventEmitterBridge implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('EventEmitterBridge');
  readonly #failures = new LogLimiter();
  readonly #matchers: readonly ((event: string) => boolean)[];
  readonly #untap: (() => void)[] = [];

  constructor(
    private readonly emitter: EventEmitter2,
    @Inject(OWN_BUS) private readonly bus: ClusterBus,
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

  /** Wraps the method. A listener would change the return values of `emit()` and `emitAsync()`. */
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
      .catch((error: unknown) => this.#failed(String(event), error));
  }

  #failed(event: string, error: unknown): void {
    this.#failures.log(event, further =>
      this.#logger.error(
        `The event "${printable(event)}" was not forwarded to the other workers: ${printableError(error)}${andOthers(further)}`,
      ),
    );
  }

  #receive({ event, values }: Crossing): void {
    crossed.run(true, () => this.emitter.emit(event, ...values.map(([value]) => value)));
  }

  /** The emitter joins the parts of a name with it. Its types do not have it. */
  get #delimiter(): string {
    return (this.emitter as unknown as { readonly delimiter: string }).delimiter;
  }

  #matches(event: string | string[]): boolean {
    const name = typeof event === 'string' ? event : event.join(this.#delimiter);
    return this.#matchers.some(matches => matches(name));
  }
}

/** Symbols cannot be sent to other processes. */
function isCarried(event: EventName): event is string | string[] {
  return Array.isArray(event)
    ? event.every(part => typeof part === 'string')
    : typeof event === 'string';
}
