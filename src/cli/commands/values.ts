import type { RestartResult, StopResult } from '../../control/control-messages.js';
import type {
  InspectionFile,
  InspectionProgress,
  InspectResult,
  TraceResult,
} from '../../control/inspection.js';
import type { ClusterEvent } from '../../model/events/cluster-event.interface.js';
import { hostStatusShape } from '../../model/events/lifecycle.shapes.js';
import type { HostStatus, ReloadResult } from '../../model/host-status.interface.js';
import { describeMismatch } from '../../validation/shape/describe-mismatch.js';
import {
  boolean,
  integer,
  literal,
  matching,
  number,
  text,
} from '../../validation/shape/scalars.js';
import { list, object, optional, tagged } from '../../validation/shape/structures.js';
import type { Shape } from '../../validation/shape/shape.js';
import type { ControlOutput } from '../../control/control-messages.js';
import { CliError } from '../cli.error.js';
import { cliMessages } from '../cli.messages.js';
import { EXIT } from '../exit-codes.js';

/** A job, as far as it is shown. @internal */
export interface JobValue {
  readonly name: string;
  readonly kind: string;
  readonly run: string;
  readonly isPaused: boolean;
  readonly lastRun?: { readonly at: number; readonly duration: number; readonly result: string };
  readonly nextRun?: number;
}

/** A finding of the doctor. @internal */
export interface FindingValue {
  readonly check: string;
  readonly what: string;
  readonly remedy: string;
}

type ProgressOf<Type extends InspectionProgress['type']> = Extract<
  InspectionProgress,
  { type: Type }
>;

const count = integer({ min: 0 });

/** The values of replies. A newer host may send more than is known here. @internal */
export const VALUES = {
  status: hostStatusShape,
  reload: object<ReloadResult>({ generation: count, duration: number() }),
  scale: object<{ workers: number }>({ workers: count }),
  restart: object<RestartResult>({ slot: count, pid: count, duration: number() }),
  stop: object<StopResult>({ exitCode: count }),
  jobs: list<JobValue>(
    object<JobValue>({
      name: text(),
      kind: text(),
      run: text(),
      isPaused: boolean,
      lastRun: optional(
        object<NonNullable<JobValue['lastRun']>>({
          at: number(),
          duration: number(),
          result: text(),
        }),
      ),
      nextRun: optional(number()),
    }),
  ),
  doctor: list<FindingValue>(object<FindingValue>({ check: text(), what: text(), remedy: text() })),
  metrics: object<{ text: string }>({ text: text() }),
  trace: object<TraceResult>({
    slot: count,
    pid: count,
    stack: optional(text()),
    overdue: optional(number()),
  }),
  file: object<InspectionFile>({ slot: count, pid: count, file: text(), bytes: count }),
  inspect: object<InspectResult>({ slot: count, pid: count, ended: literal('time', 'exited') }),
  progress: tagged<'type', InspectionProgress>('type', {
    profiling: object<ProgressOf<'profiling'>>({
      type: literal('profiling'),
      pid: count,
      seconds: count,
    }),
    heap: object<ProgressOf<'heap'>>({ type: literal('heap'), pid: count, used: count }),
    written: object<ProgressOf<'written'>>({ type: literal('written'), bytes: count }),
    open: object<ProgressOf<'open'>>({
      type: literal('open'),
      pid: count,
      url: matching(/^ws:\/\/[\w.:[\]]+\/[\w-]+$/, 'the address of an inspector'),
      remaining: number(),
    }),
  }),
  streams: object<{ streams: readonly string[] }>({ streams: list(text()) }),
  output: object<ControlOutput>({
    slot: integer({ min: -1 }),
    pid: count,
    stream: literal('stdout', 'stderr'),
    text: text(),
  }),
  // Its type may be one of a newer host.
  event: object<Pick<ClusterEvent, 'type' | 'at'>>({ type: text(), at: number() }),
} as const;

/**
 * Returns the value with its type.
 *
 * @throws CliError if it is not of the shape
 * @internal
 */
export function checked<T>(shape: Shape<T>, value: unknown): T {
  const found = shape(value);
  if (found) {
    const message = cliMessages.invalidValue(describeMismatch(found));
    throw new CliError(EXIT.unreachable, 'CLI_UNREACHABLE', message);
  }
  return value as T;
}

/** The status of a host, checked. @internal */
export function statusOf(value: unknown): HostStatus {
  return checked(VALUES.status, value);
}
