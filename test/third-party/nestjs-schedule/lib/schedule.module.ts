import { type DynamicModule, Module } from '@nestjs/common';
import * as nest from '@nestjs/schedule';
import { ClusterModule } from '../../../../src/index.js';
import { ClusterScheduleModule } from '../../../../src/schedule/index.js';

const ours = [ClusterModule.forRoot(), ClusterScheduleModule.forRoot()];

/** Nest's module, together with those of this package, as an application imports them. */
@Module({})
export class ScheduleModule {
  static forRoot(options?: nest.ScheduleModuleOptions): DynamicModule {
    return { module: ScheduleModule, imports: [nest.ScheduleModule.forRoot(options), ...ours] };
  }

  static forRootAsync(options: nest.ScheduleModuleAsyncOptions): DynamicModule {
    return {
      module: ScheduleModule,
      imports: [nest.ScheduleModule.forRootAsync(options), ...ours],
    };
  }
}
