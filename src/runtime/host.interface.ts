import type { Observable } from 'rxjs';
import type { HostChannel } from '../ipc/host-channel.interface.js';
import type { LeaveTerms } from '../ipc/supervision.protocol.js';
import type { ClusterEvent } from '../model/events/cluster-event.interface.js';
import type {
  DrainCause,
  DrainPhases,
  HostStatus,
  ListeningAddress,
  ReloadResult,
  WorkerVitals,
} from '../model/host-status.interface.js';

/**
 * The host as the process that runs the application sees it: reached over IPC in a worker, made up
 * of this one process in single mode.
 *
 * @internal
 */
export interface Host {
  /** The lifecycle of every worker, from the moment of the subscription on. */
  readonly events: Observable<ClusterEvent>;
  /** What features reach their services in the primary over. */
  readonly channel: HostChannel;
  /** @param timeout milliseconds to wait for it at most */
  status(timeout?: number): Promise<HostStatus>;
  /** A server listens of which the host does not know yet. */
  listening(address: ListeningAddress): void;
  /** The application takes requests. */
  ready(): void;
  /** How this process is doing. Nobody waits for it to arrive. */
  heartbeat(vitals: WorkerVitals): void;
  /** The event loop is so many milliseconds late: whether this process may take no new connections. */
  overloaded(delay: number): Promise<boolean>;
  /** This process takes new connections again. */
  recovered(): void;
  /** This process stands by, and could take a place. */
  standby(): void;
  /** This process is to stand by, and has nothing that it could begin later. */
  unpromotable(): void;
  /** Replaces all workers; resolves when all replacements are ready. */
  reload(): Promise<ReloadResult>;
  /** Changes how many workers there are; resolves with their number. */
  scale(workers: number): Promise<number>;
  /** The application begins to leave on its own. */
  leave(cause: DrainCause): Promise<LeaveTerms>;
  /** Resolves when everything that was handed to this process has arrived. */
  flush(): Promise<void>;
  /** The last word; resolves when it has been said. */
  left(phases: DrainPhases): Promise<void>;
}
