import {
  anything,
  boolean,
  enumeration,
  integer,
  literal,
  nothing,
  number,
  text,
} from '../../../validation/shape/scalars.js';
import { list, nullable, object, optional, tagged } from '../../../validation/shape/structures.js';
import type { Mismatch, Shape } from '../../../validation/shape/shape.js';
import { describeMismatch } from '../../../validation/shape/describe-mismatch.js';
import type { FeatureChannel } from '../../../ipc/host-channel.interface.js';
import type { FeatureProtocol, SortedOut } from '../../../ipc/protocol.js';
import {
  failureShape,
  operationNameShape,
  operationShape,
  resultShape,
} from '../../operation.shapes.js';
import type {
  InspectedEntry,
  PeekedValue,
  StateEntryKind,
  StateInspection,
} from '../../inspection/state-inspection.interface.js';
import { isRead, type OperationResult } from '../../operation.js';
import type { Recollection } from '../../recollection.js';
import {
  type Grant,
  isDeferred,
  type KeyPage,
  type OperationPlace,
  type Outcome,
  type ReceivedBatch,
} from '../../state-executor.interface.js';

/** A batch, and the client that gets its lock grants. @internal */
export interface ClientBatch {
  readonly client: string;
  readonly batch: ReceivedBatch;
}

/** A client that has died. It may hold locks in the partitions of these keys. @internal */
export interface DeadClient {
  readonly client: string;
  readonly keys: readonly string[];
}

/** A message from a worker to the state server. @internal */
export type StateToPrimary =
  /** Announces a client that may hold locks in the partition of the key, so that others release them when it dies. */
  | { readonly type: 'client'; readonly client: string; readonly key?: string }
  /** The client holds no locks any more: it has closed, or it has died and this worker has released its locks. */
  | { readonly type: 'clientClosed'; readonly client: string };

/** @internal */
export type StateToWorker =
  | { readonly type: 'grant'; readonly client: string; readonly grant: Grant }
  /** A client in another process has died. */
  | { readonly type: 'clientDied'; readonly dead: DeadClient };

/** An operation, and when its caller gave up, by the clock of the primary. @internal */
export interface PastOperation {
  readonly place: OperationPlace;
  readonly at: number;
}

/** Where the next page of keys begins. @internal */
export interface KeyScan {
  readonly prefix: string;
  /** As the previous page gave it; `''` to begin. */
  readonly cursor: string;
}

/** The entry whose value is wanted. @internal */
export interface EntryPlace {
  readonly kind: StateEntryKind;
  readonly key: string;
}

/** The questions of a worker to the state server, with their answers. @internal */
export interface StateQuestions {
  /** Executes a batch on the memory backend. */
  readonly execute: { readonly params: ClientBatch; readonly answer: Outcome };
  readonly recall: { readonly params: PastOperation; readonly answer: Recollection };
  readonly scan: { readonly params: KeyScan; readonly answer: KeyPage };
  readonly inspectState: { readonly params: null; readonly answer: StateInspection };
  readonly peekState: { readonly params: EntryPlace; readonly answer: PeekedValue | null };
}

/** @internal */
export type StateProtocol = FeatureProtocol<StateToPrimary, StateToWorker, StateQuestions>;

/** @internal */
export type StateChannel = FeatureChannel<StateToPrimary, StateQuestions>;

const MAX_OPERATIONS = 10_000;

const client = text({ minLength: 1, maxLength: 256 });

const lane = text({ minLength: 1, maxLength: 256 });

const key = text({ minLength: 1, maxLength: 2_048 });

const sequence = integer({ min: 1 });

const place = integer({ min: 0 });

const batch: Shape<ReceivedBatch> = object<ReceivedBatch>({
  partition: place,
  lane,
  sequence,
  deadline: number(),
  replicas: integer({ min: 0, max: 100 }),
  // Validated one by one in `sortOut()`.
  operations: list<never>(anything as Shape<never>, { maxLength: MAX_OPERATIONS }),
});

/** Marks invalid operations, so that they do not fail the valid ones, which belong to other callers. */
function sortOut(params: ClientBatch): SortedOut<ClientBatch> {
  let first: Mismatch | undefined;
  const operations = params.batch.operations.map((operation, index) => {
    const mismatch = operationShape(operation);
    if (!mismatch) {
      return operation;
    }
    first ??= { ...mismatch, path: ['batch', 'operations', index, ...mismatch.path] };
    return { invalid: describeMismatch(mismatch, 'the operation') };
  });
  return first
    ? { params: { ...params, batch: { ...params.batch, operations } }, mismatch: first }
    : { params };
}

/** An outcome from another process has no `cause`, because errors cannot be sent. */
const noCause: Shape<Error> = received => ({ path: [], expected: 'nothing', received });

const outcome: Shape<Outcome> = tagged<'type', Outcome>('type', {
  applied: object<Extract<Outcome, { type: 'applied' }>>({
    type: literal('applied'),
    results: list<OperationResult>(() => undefined),
  }),
  void: object<Extract<Outcome, { type: 'void' }>>({ type: literal('void') }),
  full: object<Extract<Outcome, { type: 'full' }>>({
    type: literal('full'),
    why: text(),
    cause: optional(noCause),
  }),
  refused: object<Extract<Outcome, { type: 'refused' }>>({
    type: literal('refused'),
    why: text(),
    cause: optional(noCause),
    isFinal: optional(boolean),
  }),
  unknown: object<Extract<Outcome, { type: 'unknown' }>>({
    type: literal('unknown'),
    why: text(),
    cause: optional(noCause),
    isFinal: optional(boolean),
  }),
});

/** Returns the shape of an outcome with one result for each operation. */
function outcomeOf(operations: ReceivedBatch['operations']): Shape<Outcome> {
  return value => outcome(value) ?? resultsMismatch(value as Outcome, operations);
}

function resultsMismatch(
  answer: Outcome,
  operations: ReceivedBatch['operations'],
): Mismatch | undefined {
  if (answer.type !== 'applied') {
    return undefined;
  }
  const { results } = answer;
  if (results.length !== operations.length) {
    return {
      path: ['results'],
      expected: `a list of ${operations.length} results`,
      received: results,
    };
  }
  for (let index = 0; index < results.length; index++) {
    const operation = operations[index]!;
    const result = results[index];
    if (isDeferred(result) && 'name' in operation && isRead(operation)) {
      continue;
    }
    const shape = 'name' in operation ? resultShape(operation.name) : failureShape;
    const found = shape(result);
    if (found) {
      return { ...found, path: ['results', index, ...found.path] };
    }
  }
  return undefined;
}

type ToPrimaryOf<Type extends StateToPrimary['type']> = Extract<
  StateToPrimary,
  { readonly type: Type }
>;

const toPrimary: StateProtocol['toPrimary'] = {
  client: object<ToPrimaryOf<'client'>>({ type: literal('client'), client, key: optional(key) }),
  clientClosed: object<ToPrimaryOf<'clientClosed'>>({ type: literal('clientClosed'), client }),
};

const toWorker: StateProtocol['toWorker'] = {
  grant: object<Extract<StateToWorker, { type: 'grant' }>>({
    type: literal('grant'),
    client,
    grant: object<Grant>({ owner: text(), token: integer() }),
  }),
  clientDied: object<Extract<StateToWorker, { type: 'clientDied' }>>({
    type: literal('clientDied'),
    dead: object<DeadClient>({ client, keys: list(key) }),
  }),
};

const kind = enumeration<StateEntryKind>({
  counter: true,
  value: true,
  map: true,
  set: true,
  leaderboard: true,
  lock: true,
  leader: true,
  semaphore: true,
  rateLimit: true,
  throttler: true,
  cache: true,
  history: true,
});

const entry = object<InspectedEntry>({
  kind,
  key: text(),
  ttl: optional(number({ min: 0 })),
  size: optional(place),
  owners: optional(list(text())),
  waiting: optional(place),
});

const questions: StateProtocol['questions'] = {
  execute: {
    params: object<ClientBatch>({ client, batch }),
    sortOut,
    answer: outcome,
    answerTo: ({ batch: { operations } }) => outcomeOf(operations),
  },
  recall: {
    params: object<PastOperation>({
      place: object<OperationPlace>({
        name: operationNameShape,
        partition: place,
        lane,
        sequence,
        index: place,
      }),
      at: number(),
    }),
    answer: recalled(() => undefined),
    answerTo: asked => recalled(resultShape(asked.place.name)),
  },
  scan: {
    params: object<KeyScan>({
      prefix: text({ maxLength: 2_048 }),
      cursor: text({ maxLength: 2_048 }),
    }),
    answer: object<KeyPage>({ keys: list(key), cursor: nullable(text()) }),
  },
  inspectState: {
    params: nothing,
    answer: object<StateInspection>({ entries: list(entry), isTruncated: boolean }),
  },
  peekState: {
    params: object<EntryPlace>({ kind, key }),
    answer: nullable(object<PeekedValue>({ text: text(), isTruncated: boolean })),
  },
};

/** @internal */
export const stateProtocol: StateProtocol = { toPrimary, toWorker, questions };

/** The recalled result of a read is `null`. */
function recalled(result: Shape<OperationResult>): Shape<Recollection> {
  return object<Recollection>({
    result: optional<OperationResult>(value => (value === null ? undefined : result(value))),
    isRemembered: boolean,
  });
}
