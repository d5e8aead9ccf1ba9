import {
  Controller,
  Delete,
  Get,
  Header,
  Post,
  Session,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { ClusterService } from 'nestjs-cluster';
import { ClientLimitGuard } from './client-limit.guard.js';
import type { VisitorSession } from './reservation.interface.js';
import { StateErrorFilter } from './state-error.filter.js';
import type { Stock } from './stock.js';
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

  /** Sells the ticket that the visitor has reserved, or else the next one. */
  @Post()
  @UseGuards(ClientLimitGuard)
  @Header('Connection', 'close')
  async buy(@Session() session: VisitorSession) {
    const { reservation } = session;
    const reserved = reservation && (await this.tickets.sellReserved(reservation));
    delete session.reservation;
    const number = reserved ?? (await this.tickets.sell());
    return { number, wasReserved: reserved !== undefined, ...this.cluster.worker };
  }

  /** Reserves a ticket. The session remembers it, for whichever worker sells it. */
  @Post('reservation')
  @UseGuards(ClientLimitGuard)
  @Header('Connection', 'close')
  async reserve(@Session() session: VisitorSession) {
    const known = session.reservation;
    const isValid = known !== undefined && known.until > Date.now();
    const reservation = isValid ? known : await this.tickets.reserve();
    session.reservation = reservation;
    return { ...reservation, ...this.cluster.worker };
  }

  @Delete()
  @Header('Connection', 'close')
  putAllBack(): Promise<Stock> {
    return this.tickets.putAllBack();
  }
}
