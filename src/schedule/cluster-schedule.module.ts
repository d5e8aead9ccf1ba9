import { type DynamicModule, Module } from '@nestjs/common';
import { ClusterSchedule } from './cluster-schedule.js';

/**
 * Runs the jobs of `@nestjs/schedule` once, whatever the number of workers and hosts.
 *
 * ```ts
 * @Module({
 *   imports: [ClusterModule.forRoot(), ScheduleModule.forRoot(), ClusterScheduleModule.forRoot()],
 * })
 * export class AppModule {}
 * ```
 *
 * `@ClusterJob()` changes that for single jobs.
 *
 * @publicApi
 */
@Module({})
export class ClusterScheduleModule {
  /** Takes over all `@Cron()`, `@Interval()` and `@Timeout()` methods, and the jobs of `SchedulerRegistry.addCronJob()`. */
  static forRoot(): DynamicModule {
    return {
      module: ClusterScheduleModule,
      global: true,
      providers: [ClusterSchedule],
      exports: [ClusterSchedule],
    };
  }
}
