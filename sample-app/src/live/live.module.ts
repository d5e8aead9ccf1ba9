import { Module } from '@nestjs/common';
import { TicketsModule } from '../tickets/tickets.module.js';
import { LiveController } from './live.controller.js';
import { LiveTicketsService } from './live-tickets.service.js';

@Module({
  imports: [TicketsModule],
  controllers: [LiveController],
  providers: [LiveTicketsService],
})
export class LiveModule {}
