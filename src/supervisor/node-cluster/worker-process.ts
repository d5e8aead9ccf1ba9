import type { Readable } from 'node:stream';
import type { ListeningAddress } from '../../model/host-status.interface.js';
import type { IpcLink } from '../../ipc/ipc-channel.js';

/**
 * A forked process as the supervisor needs it. The seam behind which `node:cluster` stands, so
 * that most tests of the supervisor need no process.
 *
 * @internal
 */
export interface WorkerProcess {
  readonly id: number;
  readonly pid: number;
  readonly link: IpcLink;
  /** `null` if it writes to that of the primary itself. */
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  kill(signal: NodeJS.Signals): void;
  onOnline(listener: () => void): void;
  onListening(listener: (address: ListeningAddress) => void): void;
  onDisconnect(listener: () => void): void;
  /** Called once, and always: also if the process could not be started at all. */
  onExit(listener: (code: number | null, signal: NodeJS.Signals | null) => void): void;
}

/** What a worker is forked for. @internal */
export interface WorkerPlace {
  readonly slot: number;
  readonly generation: number;
  /** Whether it is to boot and then to wait. */
  readonly standsBy: boolean;
}

/** @internal */
export type Fork = (place: WorkerPlace) => WorkerProcess;
