import type { FamilyDeclaration } from '../metrics.protocol.js';
import type { Family } from './family.js';
import type { Group } from './group.js';
import type { Sample } from './sample.js';
import { WorkerValues } from './worker-values.js';

/** A metric as a worker has declared it. @internal */
export interface DeclaredFamily {
  readonly family: Family;
  readonly declaration: FamilyDeclaration;
}

/** A group that a worker has declared. @internal */
export interface DeclaredGroup {
  readonly family: Family;
  readonly group: Group;
  /** The number of its first sample. */
  readonly first: number;
  readonly samples: readonly Sample[];
}

/** The metrics of one worker: its numbers for families, groups and samples, and their values. @internal */
export class WorkerMetrics {
  readonly values = new WorkerValues();
  readonly families: DeclaredFamily[] = [];
  /** By number. Groups that were ignored are missing. */
  readonly groups = new Map<number, DeclaredGroup>();
  /** By number. */
  readonly samples = new Map<number, { readonly family: Family; readonly sample: Sample }>();
  groupsDeclared = 0;
  samplesDeclared = 0;
  /** When the last report came, by the monotonic clock. */
  reportedAt = 0;
}
