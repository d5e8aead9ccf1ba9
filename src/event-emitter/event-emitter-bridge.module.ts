import { type DynamicModule, Module } from '@nestjs/common';
import { checkFilter } from '../bus/bus.validation.js';
import { BRIDGED_EVENTS, EventEmitterBridge } from './event-emitter-bridge.js';

/** Options of `EventEmitterBridgeModule.forRoot()`. @publicApi */
export interface EventEmitterBridgeOptions {
  /** The events that cross to the other workers: names, or patterns in which `*` stands for any characters. */
  readonly events: readonly string[];
}

/**
 * Brings events of `@nestjs/event-emitter` to the other workers: what one of them emits arrives at the
 * `@OnEvent()` handlers of all, once each.
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
 * The values of an event are what JSON can carry. What handlers emit because of an event that has crossed
 * does not cross again: the handlers of every worker emit it for themselves.
 *
 * @publicApi
 */
@Module({})
export class EventEmitterBridgeModule {
  /** @throws BusInputError for an event that cannot be one */
  static forRoot({ events }: EventEmitterBridgeOptions): DynamicModule {
    events.forEach(event => checkFilter(event));
    return {
      module: EventEmitterBridgeModule,
      providers: [{ provide: BRIDGED_EVENTS, useValue: events }, EventEmitterBridge],
    };
  }
}
