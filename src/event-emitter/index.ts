/**
 * Forwards events of `@nestjs/event-emitter` to the other workers.
 *
 * @packageDocumentation
 */
export {
  EventEmitterBridgeModule,
  type EventEmitterBridgeOptions,
} from './event-emitter-bridge.module.js';
