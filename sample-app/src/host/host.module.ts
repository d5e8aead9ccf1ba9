import { Module } from '@nestjs/common';
import { HostController } from './host.controller.js';
import { RecentEvents } from './recent-events.service.js';
import { SnapshotService } from './snapshot.service.js';

@Module({ controllers: [HostController], providers: [SnapshotService, RecentEvents] })
export class HostModule {}
