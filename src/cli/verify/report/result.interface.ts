import type { ClientKind } from '../load/clients/client-kind.js';
import type { ReportedFailure } from '../load/request-failure.js';
import type { Counts } from '../load/tally.js';

/** What a reload has come to. @internal */
export interface ReloadRecord {
  /** As the primary says: `done`, `failed`, `stopped`; or `no answer`. */
  readonly outcome: string;
  /** Milliseconds. */
  readonly duration: number;
  readonly error?: string;
}

/** All that a verification has found. @internal */
export interface VerifyResult {
  readonly passed: boolean;
  readonly command: readonly string[];
  readonly url: string | null;
  /** Milliseconds under load. */
  readonly duration: number;
  readonly workers: number;
  readonly clients: Partial<Record<ClientKind, Counts>>;
  /** Which kinds of clients were left out, for want of a path. */
  readonly leftOut: readonly ClientKind[];
  readonly reloads: readonly ReloadRecord[];
  readonly replacements: number;
  readonly kills: number;
  /** The first of the failures, one by one. */
  readonly failures: readonly ReportedFailure[];
  /** What else went wrong, in sentences. */
  readonly problems: readonly string[];
}
