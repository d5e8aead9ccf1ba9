import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { ThrottlerModule } from '@nestjs/throttler';
import { ClusterModule } from 'nestjs-cluster';
import { ClusterDashboardModule } from 'nestjs-cluster/dashboard';
import { ClusterHealthModule } from 'nestjs-cluster/health';
import { ClusterScheduleModule } from 'nestjs-cluster/schedule';
import { ClusterSocketIoModule } from 'nestjs-cluster/socket.io';
import { ClusterThrottlerModule } from 'nestjs-cluster/throttler';
import { FaultsModule } from './faults/faults.module.js';
import { HostModule } from './host/host.module.js';
import { LiveModule } from './live/live.module.js';
import { announcePage } from './page/announce-page.js';
import { PageModule } from './page/page.module.js';
import { TICKETS_PER_SECOND } from './tickets/tickets.config.js';
import { TicketsModule } from './tickets/tickets.module.js';
import { VisitorsModule } from './visitors/visitors.module.js';
import { WeatherModule } from './weather/weather.module.js';
import { WorkerModule } from './worker/worker.module.js';

@Module({
  imports: [
    // Runs the application on every core, and shows how the workers are.
    ClusterModule.forRoot({ events: announcePage() }),
    // Visitors crash workers here, so many restarts are no problem.
    ClusterHealthModule.forRoot({ thresholds: { restarts: 100 } }),
    // At /cluster. Without a guard, it answers this machine only, and nobody in production.
    ClusterDashboardModule.forRoot(),

    // With several workers, each of these modules of Nest needs one line more.
    ScheduleModule.forRoot(),
    ClusterScheduleModule.forRoot(),
    ThrottlerModule.forRoot([{ limit: TICKETS_PER_SECOND, ttl: 1000 }]),
    ClusterThrottlerModule.forRoot({ onOutage: 'allow' }),
    ClusterSocketIoModule.forRoot(),

    // The ticket office.
    PageModule,
    TicketsModule,
    LiveModule,
    VisitorsModule,
    WeatherModule,

    // What the page shows of the workers, and does to them.
    WorkerModule,
    HostModule,
    FaultsModule,
  ],
})
export class AppModule {}
