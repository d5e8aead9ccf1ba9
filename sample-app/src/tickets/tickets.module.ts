import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import session from 'express-session';
import { SharedState } from 'nestjs-cluster';
import { ClusterSessionStore } from 'nestjs-cluster/session';
import { VisitorsModule } from '../visitors/visitors.module.js';
import { ReleaseReservations } from './release-reservations.job.js';
import { TicketsController } from './tickets.controller.js';
import { TicketsService } from './tickets.service.js';

@Module({
  imports: [VisitorsModule],
  controllers: [TicketsController],
  providers: [TicketsService, ReleaseReservations],
  exports: [TicketsService],
})
export class TicketsModule implements NestModule {
  constructor(private readonly state: SharedState) {}

  /** The sessions are in the shared state, so every worker knows every visitor. */
  configure(consumer: MiddlewareConsumer): void {
    const store = new ClusterSessionStore(this.state, { onOutage: 'allow' });
    const secret = process.env.SESSION_SECRET ?? 'for this demonstration only';
    const sessions = session({ store, secret, resave: false, saveUninitialized: false });
    consumer.apply(sessions).forRoutes(TicketsController);
  }
}
