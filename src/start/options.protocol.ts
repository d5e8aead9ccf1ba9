import { DOCTOR_CHECK_NAMES } from '../config/doctor-checks.js';
import type { PrimaryOptions } from '../config/primary-options.js';
import type { MemoryBound } from '../config/memory-bound.js';
import type { FeatureProtocol } from '../ipc/protocol.js';
import { MAX_WORKERS } from '../model/max-workers.js';
import type { OnceMark } from '../state/once-marks.js';
import {
  boolean,
  enumeration,
  integer,
  literal,
  number,
  text,
} from '../validation/shape/scalars.js';
import { either, list, nullable, object, optional } from '../validation/shape/structures.js';
import type { LoggingData } from './logging-data.js';
import type { OptionsData, OptionsReport } from './options-data.js';

/** Tasks of `clusterOnce()` that the first worker has done. @internal */
export interface OnceReport {
  readonly type: 'once';
  readonly marks: readonly OnceMark[];
}

type NoQuestions = Readonly<Record<string, never>>;

/** The protocol with which the first worker reports the options, and what it has done before, to a primary that does not load the application. @internal */
export type OptionsProtocol = FeatureProtocol<OptionsReport | OnceReport, never, NoQuestions>;

/** Milliseconds, up to the maximum of timers. */
const time = number({ min: 0, max: 2 ** 31 - 1 });

const count = integer({ min: 0 });

const memory = either<[number, Exclude<MemoryBound, number>]>(
  'bytes, or a share',
  count,
  object<{ share: number }>({ share: number({ min: 0, max: 1 }) }),
);

const options = object<OptionsData>({
  workers: integer({ min: 1, max: MAX_WORKERS }),
  contexts: enumeration({ single: true, cluster: true }),
  lightPrimary: boolean,
  scheduling: enumeration({ 'round-robin': true, shared: true, 'reuse-port': true }),
  boot: object<OptionsData['boot']>({ timeout: time }),
  restart: object<OptionsData['restart']>({
    initialDelay: time,
    maxDelay: time,
    giveUpAfter: count,
    redeliver: boolean,
  }),
  reload: object<OptionsData['reload']>({ maxSurge: count, soak: time }),
  heartbeat: object<OptionsData['heartbeat']>({ interval: time, timeout: time }),
  recycle: object<OptionsData['recycle']>({
    maxMemory: memory,
    maxRequests: count,
    maxAge: time,
    jitter: number({ min: 0, max: 1 }),
  }),
  overload: object<OptionsData['overload']>({ maxDelay: time }),
  spare: count,
  shutdown: object<OptionsData['shutdown']>({
    timeout: time,
    readinessDelay: time,
    webSocketWindow: time,
  }),
  namespace: text(),
  release: text(),
  state: object<OptionsData['state']>({
    timeout: time,
    replicas: count,
    maxValueBytes: count,
    maxMemory: memory,
  }),
  bus: object<OptionsData['bus']>({
    timeout: time,
    askTimeout: time,
    maxPayloadBytes: count,
    maxQueueBytes: count,
  }),
  doctor: list(enumeration(DOCTOR_CHECK_NAMES)),
  control: either<[boolean, string]>('true, false, or a directory', boolean, text()),
  usesRedis: boolean,
  namespaceOrigin: optional(text()),
  logging: nullable(
    object<LoggingData>({
      levels: list(text()),
      prefix: text(),
      colors: boolean,
      json: boolean,
      timestamp: boolean,
      plainTime: boolean,
    }),
  ),
});

/** @internal */
export const optionsProtocol: OptionsProtocol = {
  toPrimary: {
    options: object<Extract<OptionsReport, { type: 'options' }>>({
      type: literal('options'),
      options,
    }),
    unsuitable: object<Extract<OptionsReport, { type: 'unsuitable' }>>({
      type: literal('unsuitable'),
      reasons: list(text()),
    }),
    once: object<OnceReport>({
      type: literal('once'),
      marks: list<OnceMark>(
        object<OnceMark>({ key: text(), text: text(), ttl: optional(integer({ min: 1 })) }),
      ),
    }),
  },
  toWorker: {},
  questions: {},
};

/** Splits a report into the options of the supervisor and the logging of its process. @internal */
export function optionsFrom({ usesRedis, logging, namespaceOrigin, ...data }: OptionsData): {
  readonly options: PrimaryOptions;
  readonly logging: LoggingData | null;
} {
  const redis = usesRedis || null;
  return { options: { ...data, namespaceOrigin, redis, logger: null, events: {} }, logging };
}
