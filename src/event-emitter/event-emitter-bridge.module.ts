import { type DynamicModule, Module } from '@nestjs/common';
import { checkFilter } from '../bus/bus.validation.js';
import { BRIDGED_EVENTS, EventEmitterBridge } from './event-emitter-bridge.js';

/** Options of `EventEmitterBridgeModule.forRoot()`. @publicApi */
export interface EventEmitterBridgeOptions {
  /** The events to forward: names, or patterns in which `*` stands for any characters. */
  readonly events: readonly string[];
}

/**
 * Forwards events of `@nestjs/event-emitter` to the other workers: an event that one worker emits reaches the
 * `@OnEvent()` handlers of all workers, once each.
 *
 * ```ts
 * @Module({
 *   imports: [
 *     ClusterModule.forRoot(),
 *     EventEmitterModule.forRoot(),
 *     EventEmitterBridgeModule.forRoot({ events: ['order.*'] }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 *
 * The values of an event must be JSON. Events that a handler emits while it handles a forwarded event are not
 * forwarded, because the handlers of every worker emit them themselves.
 *
 * @publicApi
 */
@Module({})
export class EventEmitterBridgeModule {
  /** @throws BusInputError for an invalid name or pattern */
  static forRoot({ events }: EventEmitterBridgeOptions): DynamicModule {
    events.forEach(event => checkFilter(event));
    return {
      module: EventEmitterBridgeModule,
      providers: [{ provide: BRIDGED_EVENTS, useValue: events }, EventEmitterBridge],
    };
  }
}
