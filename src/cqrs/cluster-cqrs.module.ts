import { Module } from '@nestjs/common';
import { EventDistributor } from './event-distributor.js';

/**
 * Distributes the events of `@nestjs/cqrs` whose classes have `@DistributedEvent()` over all workers.
 *
 * ```ts
 * @Module({ imports: [ClusterModule.forRoot(), CqrsModule.forRoot(), ClusterCqrsModule] })
 * export class AppModule {}
 * ```
 *
 * @publicApi
 */
@Module({ providers: [EventDistributor] })
export class ClusterCqrsModule {}
