import { hostname } from 'node:os';
import { Logger, type OnModuleDestroy } from '@nestjs/common';
import {
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import { ClusterSchedule } from 'nestjs-cluster/schedule';
import { auditTime, concatMap, Subject } from 'rxjs';
import type { Server, Socket } from 'socket.io';
import type { JobNews } from './job-news.interface.js';

/** Milliseconds for which connections are collected before the visitors are counted. */
const GATHER = 200;

/**
 * Tells all visitors how many they are. `ClusterSocketIoModule` brings the requests of a visitor to the worker that has
 * the session, and broadcasts and counts over all workers of all hosts.
 */
@WebSocketGateway()
export class VisitorsGateway implements OnGatewayConnection, OnGatewayDisconnect, OnModuleDestroy {
  @WebSocketServer() private readonly server!: Server;
  private readonly logger = new Logger(VisitorsGateway.name);
  private readonly changes = new Subject<void>();

  constructor(private readonly schedule: ClusterSchedule) {
    this.changes
      .pipe(
        auditTime(GATHER),
        concatMap(() => this.count()),
      )
      .subscribe();
  }

  async handleConnection(socket: Socket): Promise<void> {
    socket.data = { worker: `${hostname()}:${process.pid}` };
    this.changes.next();
    const [job] = await this.schedule.jobs().catch(() => []);
    if (job?.lastRun) {
      socket.emit('job', job.lastRun satisfies JobNews);
    }
  }

  handleDisconnect(): void {
    this.changes.next();
  }

  /** Tells all visitors that the job has run. */
  tell(run: JobNews): void {
    this.server.emit('job', run);
  }

  onModuleDestroy(): void {
    this.changes.complete();
  }

  private async count(): Promise<void> {
    try {
      const sockets = await this.server.fetchSockets();
      const workers = new Set(sockets.map(({ data }) => data.worker));
      this.server.emit('presence', { people: sockets.length, workers: workers.size });
    } catch (error) {
      // A worker that is blocked does not answer. It is counted with the next change.
      this.logger.warn(`The visitors could not be counted: ${String(error)}`);
    }
  }
}
