import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { ClusterService } from 'nestjs-cluster';
import { VisitorsGateway } from '../visitors/visitors.gateway.js';
import { TicketsService } from './tickets.service.js';

/** Every worker has the timer of this job. `ClusterScheduleModule` has one of them run it. */
@Injectable()
export class ReleaseReservations {
  constructor(
    private readonly tickets: TicketsService,
    private readonly visitors: VisitorsGateway,
    private readonly cluster: ClusterService,
  ) {}

  @Cron('*/5 * * * * *', { name: 'release-reservations' })
  async run(): Promise<void> {
    const released = await this.tickets.releaseExpired();
    const { slot, pid } = this.cluster.worker;
    this.visitors.tell({ at: Date.now(), worker: { slot, pid }, released });
  }
}
