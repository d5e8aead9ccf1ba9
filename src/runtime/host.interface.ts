import type { Observable } from 'rxjs';
import type { HostChannel } from '../ipc/host-channel.interface.js';
import type { LeaveTerms, PortAddress } from '../ipc/supervision.protocol.js';
import type { ClusterEvent } from '../model/events/cluster-event.interface.js';
import type {
  DrainCause,
  DrainPhases,
  HostStatus,
  ListeningAddress,
  ReloadResult,
  UnfinishedWork,
  WorkerVitals,
} from '../model/host-status.interface.js';

/**
 * The host, as the process that runs the application sees it. A worker reaches it over IPC; in single mode it is
 * this process itself.
 *
 * @internal
 */
export interface Host {
  /** Lifecycle events of all workers, from the subscription on. */
  readonly events: Observable<ClusterEvent>;
  /** The channel between features and their services in the primary. */
  readonly channel: HostChannel;
  /**
   * When the time for leaving is over, this process waits this many milliseconds longer, so that the primary can kill it
   * first; 0 without a primary.
   */
  readonly killGrace: number;
  /**
   * @param timeout maximum milliseconds to wait for the answer
   */
  status(timeout?: number): Promise<HostStatus>;
  /** Reports a listening server that the host does not know yet. */
  listening(address: ListeningAddress): void;
  /** Reports that the application accepts requests. */
  ready(): void;
  /** Sends the vitals of this process, without waiting for their arrival. */
  heartbeat(vitals: WorkerVitals): void;
  /** Asks whether this process may accept no new connections, because its event loop is `delay` ms late. */
  overloaded(delay: number): Promise<boolean>;
  /** Reports that this process accepts new connections again. */
  recovered(): void;
  /** Reports that this process is on standby, and can take a slot. */
  standby(): void;
  /** Reports that this process cannot be on standby, because it has no server whose `listen()` can be delayed. */
  unpromotable(): void;
  /** Replaces all workers; resolves when all replacements are ready. */
  reload(): Promise<ReloadResult>;
  /** Changes the number of workers; resolves with it. */
  scale(workers: number): Promise<number>;
  /** Reports that the application leaves on its own; resolves with the terms on which it must drain. */
  leave(cause: DrainCause): Promise<LeaveTerms>;
  /** Resolves when all connections that were handed to this process have arrived. */
  flush(): Promise<void>;
  /** Whether another process of this host takes connections to this address. */
  takesConnections(address: ListeningAddress): Promise<boolean>;
  /** Whether this process may listen there with a socket of its own, because no other host does. */
  claimPort(address: PortAddress): Promise<boolean>;
  /**
   * Gives an open connection to another process of this host that listens on the address; resolves when this process
   * may close its copy; with `false` if that is the only one.
   *
   * @param handle Node's handle of the connection, which does not read
   */
  handOver(address: ListeningAddress, handle: object): Promise<boolean>;
  /** Sends the last message of this process; resolves when it is sent. */
  left(phases: DrainPhases, unfinished?: UnfinishedWork): Promise<void>;
}
