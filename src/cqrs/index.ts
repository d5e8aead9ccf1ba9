/**
 * Events of `@nestjs/cqrs` for all workers.
 *
 * @packageDocumentation
 */
export { ClusterCqrsModule } from './cluster-cqrs.module.js';
export { DistributedEvent, type DistributedEventOptions } from './distributed-event.decorator.js';
