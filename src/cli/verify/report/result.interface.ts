import type { ClientKind } from '../load/clients/client-kind.js';
import type { ReportedFailure } from '../load/request-failure.js';
import type { Counts } from '../load/tally.js';

/** The outcome of one reload. @internal */
export interface ReloadRecord {
  /** The outcome that the primary reported: `done`, `failed` or `stopped`; otherwise `no answer`. */
  readonly outcome: string;
  /** Milliseconds. */
  readonly duration: number;
  readonly error?: string;
}

/** The result of a verification. @internal */
export interface VerifyResult {
  readonly passed: boolean;
  readonly command: readonly string[];
  readonly url: string | null;
  /** Milliseconds under load. */
  readonly duration: number;
  readonly workers: number;
  readonly clients: Partial<Record<ClientKind, Counts>>;
  /** The kinds of clients that were left out, because they had no path. */
  readonly leftOut: readonly ClientKind[];
  readonly reloads: readonly ReloadRecord[];
  readonly replacements: number;
  readonly kills: number;
  /** The first failures, with details. */
  readonly failures: readonly ReportedFailure[];
  /** Other problems, as sentences. */
  readonly problems: readonly string[];
}
