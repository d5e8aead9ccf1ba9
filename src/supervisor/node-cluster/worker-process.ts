import type { Readable } from 'node:stream';
import type { ListeningAddress } from '../../model/host-status.interface.js';
import type { IpcLink } from '../../ipc/ipc-link.interface.js';

/**
 * A forked process, as the supervisor needs it. It hides `node:cluster`, so that most tests of the supervisor need
 * no processes.
 *
 * @internal
 */
export interface WorkerProcess {
  readonly id: number;
  readonly pid: number;
  readonly link: IpcLink;
  /** `null` if the worker shares the stream of the primary. */
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  kill(signal: NodeJS.Signals): void;
  onOnline(listener: () => void): void;
  onListening(listener: (address: ListeningAddress) => void): void;
  onDisconnect(listener: () => void): void;
  /** Calls `listener` exactly once, even if the process could not be started. */
  onExit(listener: (code: number | null, signal: NodeJS.Signals | null) => void): void;
}

/** The place for which a worker is forked. @internal */
export interface WorkerPlace {
  readonly slot: number;
  readonly generation: number;
  /** Whether it boots as a spare that waits for its promotion. */
  readonly standsBy: boolean;
  /** Whether it holds back what Nest logs of the boot, because another worker logs the same. */
  readonly isQuiet: boolean;
  /** What it does because the options are not known here yet. */
  readonly earlyTask?: EarlyTask;
}

/**
 * What a worker does that was forked before its primary knew the options: `report` sends them; `wait` leaves that to
 * another worker, and does nothing that must happen once.
 *
 * @internal
 */
export type EarlyTask = 'report' | 'wait';

/** @internal */
export type Fork = (place: WorkerPlace) => WorkerProcess;
