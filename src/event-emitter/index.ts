export {
  EventEmitterBridgeModule,
  type EventEmitterBridgeOptions,
} from './event-emitter-bridge.module.js';
