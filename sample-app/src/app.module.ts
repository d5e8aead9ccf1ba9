import { Module } from '@nestjs/common';
import { ClusterModule } from 'nestjs-cluster';
import { ClusterHealthModule } from 'nestjs-cluster/health';
import { FaultsModule } from './faults/faults.module.js';
import { LiveModule } from './live/live.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { PageModule } from './page/page.module.js';
import { TicketsModule } from './tickets/tickets.module.js';
import { WorkerModule } from './worker/worker.module.js';

@Module({
  imports: [
    ClusterModule.forRoot(),
    ClusterHealthModule.forRoot(),
    PageModule,
    WorkerModule,
    TicketsModule,
    LiveModule,
    FaultsModule,
    OperationsModule,
  ],
})
export class AppModule {}
