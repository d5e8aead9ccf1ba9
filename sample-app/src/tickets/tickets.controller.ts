import { Controller, Delete, Get, Header, Post, UseFilters, UseGuards } from '@nestjs/common';
import { ClusterService } from 'nestjs-cluster';
import { ClientLimitGuard } from './client-limit.guard.js';
import { StateErrorFilter } from './state-error.filter.js';
import { type Stock, stockAfter } from './stock.js';
import { TicketsService } from './tickets.service.js';

/** `Connection: close` makes the next request reach another worker; see `WorkerController`. */
@Controller('api/tickets')
@UseFilters(StateErrorFilter)
export class TicketsController {
  constructor(
    private readonly tickets: TicketsService,
    private readonly cluster: ClusterService,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @Header('Connection', 'close')
  stock(): Promise<Stock> {
    return this.tickets.stock();
  }

  @Post()
  @UseGuards(ClientLimitGuard)
  @Header('Connection', 'close')
  async buy() {
    const number = await this.tickets.sell();
    return { number, left: stockAfter(number).left, ...this.cluster.worker };
  }

  @Delete()
  @Header('Connection', 'close')
  putAllBack(): Promise<Stock> {
    return this.tickets.putAllBack();
  }
}
