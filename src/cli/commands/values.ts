import type { RestartResult, StopResult } from '../../control/control-messages.js';
import type {
  InspectionFile,
  InspectionProgress,
  InspectResult,
  TraceResult,
} from '../../control/inspection.js';
import type {
  FleetHost,
  FleetReload,
  FleetStatus,
  RolloutResult,
  RolloutStep,
  UnknownFleetHost,
} from '../../model/fleet-status.interface.js';
import type { ClusterEvent } from '../../model/events/cluster-event.interface.js';
import { foreignFailureShape, foreignStatusShape } from '../../model/events/lifecycle.shapes.js';
import type { ReloadResult } from '../../model/host-status.interface.js';
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

/** A finding of the doctor. */
interface FindingValue {
  readonly check: string;
  readonly what: string;
  readonly remedy: string;
}

type ProgressOf<Type extends InspectionProgress['type']> = Extract<
  InspectionProgress,
  { type: Type }
>;

const count = integer({ min: 0 });

const rolloutStep = object<RolloutStep>({
  host: object<RolloutStep['host']>({ id: text(), name: text(), pid: count }),
  state: text<RolloutStep['state']>(),
  generation: optional(count),
  duration: optional(number()),
  why: optional(text()),
  worker: optional(foreignFailureShape),
});

/** The values of replies. A newer host may send more than is known here, and words that are unknown here. @internal */
export const VALUES = {
  status: foreignStatusShape,
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
  fleet: object<FleetStatus>({
    namespace: text(),
    hosts: list(
      object<FleetHost>({
        id: text(),
        name: text(),
        pid: count,
        isSelf: boolean,
        version: text(),
        release: text(),
        mode: text<FleetHost['mode']>(),
        health: text<FleetHost['health']>(),
        generation: count,
        wanted: count,
        ready: count,
        uptime: number(),
        reload: optional(
          object<Pick<FleetReload, 'token' | 'state'>>({
            token: count,
            state: text<FleetReload['state']>(),
          }),
        ),
      }),
    ),
    unknown: list(
      object<UnknownFleetHost>({
        id: text(),
        name: optional(text()),
        pid: optional(count),
        version: optional(text()),
      }),
    ),
  }),
  step: rolloutStep,
  rollout: object<RolloutResult>({
    result: text<RolloutResult['result']>(),
    hosts: list(rolloutStep),
  }),
  metrics: object<{ text: string }>({ text: text() }),
  trace: object<TraceResult>({
    slot: count,
    pid: count,
    stack: optional(text()),
    overdue: optional(number()),
  }),
  file: object<InspectionFile>({ slot: count, pid: count, file: text(), bytes: count }),
  inspect: object<InspectResult>({
    slot: count,
    pid: count,
    ended: text<InspectResult['ended']>(),
  }),
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
  // Its type may be one of a newer host.
  anyProgress: object<Pick<InspectionProgress, 'type'>>({ type: text() }),
  streams: object<{ streams: readonly string[] }>({ streams: list(text()) }),
  output: object<ControlOutput>({
    slot: integer({ min: -1 }),
    pid: count,
    stream: text<ControlOutput['stream']>(),
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
