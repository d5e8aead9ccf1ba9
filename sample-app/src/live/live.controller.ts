import { Controller, type MessageEvent, Sse } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { LiveTicketsService } from './live-tickets.service.js';

/** Milliseconds after which a browser reconnects, to another worker, when its stream has ended. */
const RETRY = 500;

/** Maximum of data that waits for a browser that does not read. The stream is then ended, and starts again. */
const MOST_WAITING = 64 * 1024;

@Controller('api/tickets')
export class LiveController {
  constructor(private readonly live: LiveTicketsService) {}

  /** Streams events until the client disconnects. When this worker leaves, the drain ends the stream. */
  @Sse('live', { maxPendingDataLength: MOST_WAITING })
  tickets(): Observable<MessageEvent> {
    return this.live.stream().pipe(map(data => ({ data, retry: RETRY })));
  }
}
