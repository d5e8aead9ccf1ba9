import {
  boolean,
  enumeration,
  integer,
  literal,
  number,
  text,
} from '../validation/shape/scalars.js';
import {
  list,
  nullable,
  object,
  optional,
  tagged,
  tuple,
  either,
  type Fields,
} from '../validation/shape/structures.js';
import type { Shape } from '../validation/shape/shape.js';
import { MAX_DURATION } from './max-duration.js';
import { offsetShape } from './offset.js';
import type {
  HistoryFacts,
  Kind,
  LockAnswer,
  Operation,
  OperationFailure,
  OperationName,
  OperationResult,
  Operations,
  Run,
} from './operation.js';
import { isFailure } from './operation.js';

/** A key or a name has at most 1,024 bytes; internal keys have a prefix in addition. */
const key = text({ minLength: 1, maxLength: 2_048 });

/** A member of a group, an owner, a client, a lane. */
const id = text({ minLength: 1, maxLength: 2_048 });

/** Values and events are JSON texts. Their maximum length is an option, which workers check. */
const json = text();

const duration = integer({ min: 1, max: MAX_DURATION });

const wait = integer({ min: 0, max: MAX_DURATION });

const count = integer({ min: 1 });
/** The version of an entry of a cache; 0 if it was not stored. */
const version = integer({ min: 0 });

const size = integer({ min: 0 });

/** The backend adds deltas one by one, so the limit keeps an invalid count from blocking it. */
const MAX_RUN = 10_000_000;

const run: Shape<Run> = tuple(integer(), integer({ min: 1, max: MAX_RUN }));

const runList = list(run);

const runs: Shape<readonly Run[]> = value => {
  const mismatch = runList(value);
  if (mismatch) {
    return mismatch;
  }
  const times = (value as readonly Run[]).reduce((sum, [, each]) => sum + each, 0);
  return times <= MAX_RUN
    ? undefined
    : { path: [], expected: `at most ${MAX_RUN} increments`, received: times };
};

const kind = enumeration<Kind>({ value: true, map: true, leaderboard: true });

const keptEvent = tuple(offsetShape, json);

/** The parameters and the result of each operation. The compiler checks that the list is complete. */
type OperationShapes = {
  readonly [Name in OperationName]: {
    readonly takes: Shape<Operation<Name>>;
    readonly gives: Shape<Operations[Name]['gives']>;
  };
};

const ttl = optional(duration);

const lockAnswer: Shape<LockAnswer> = either(
  'a token, or the time for which the lock is held',
  object<{ token: number }>({ token: integer() }),
  object<{ heldFor: number }>({ heldFor: number() }),
);

const SHAPES: OperationShapes = {
  get: { takes: takes('get', { key }), gives: nullable(json) },
  has: { takes: takes('has', { key }), gives: boolean },
  set: { takes: takes('set', { key, value: json, ttl, unless: optional(json) }), gives: boolean },
  setIfAbsent: { takes: takes('setIfAbsent', { key, value: json, ttl }), gives: boolean },
  replace: {
    takes: takes('replace', { key, expected: nullable(json), value: nullable(json), ttl }),
    gives: boolean,
  },
  delete: { takes: takes('delete', { key, only: optional(kind) }), gives: boolean },
  ttl: { takes: takes('ttl', { key }), gives: nullable(number()) },
  expire: { takes: takes('expire', { key, ttl: nullable(duration) }), gives: boolean },

  increment: {
    takes: takes('increment', { key, runs, min: integer(), max: integer(), ttl }),
    gives: either(
      'the total, or a list of values',
      object<{ total: number }>({ total: integer() }),
      object<{ values: readonly (number | null)[] }>({ values: list(nullable(integer())) }),
    ),
  },

  mapGet: { takes: takes('mapGet', { key, field: key }), gives: nullable(json) },
  mapHas: { takes: takes('mapHas', { key, field: key }), gives: boolean },
  mapSet: { takes: takes('mapSet', { key, field: key, value: json, ttl }), gives: boolean },
  mapDelete: { takes: takes('mapDelete', { key, field: key }), gives: boolean },
  mapIncrement: {
    takes: takes('mapIncrement', { key, field: key, by: integer() }),
    gives: integer(),
  },
  mapEntries: { takes: takes('mapEntries', { key }), gives: list(tuple(text(), json)) },
  mapSize: { takes: takes('mapSize', { key }), gives: size },

  scoreSet: { takes: takes('scoreSet', { key, member: key, score: number() }), gives: boolean },
  scoreIncrement: {
    takes: takes('scoreIncrement', { key, member: key, by: number() }),
    gives: number(),
  },
  scoreRemove: { takes: takes('scoreRemove', { key, member: key }), gives: boolean },
  scoreGet: { takes: takes('scoreGet', { key, member: key }), gives: nullable(number()) },
  scoreRank: { takes: takes('scoreRank', { key, member: key }), gives: nullable(size) },
  scoreTop: { takes: takes('scoreTop', { key, count }), gives: list(tuple(text(), number())) },
  scoreSize: { takes: takes('scoreSize', { key }), gives: size },

  lockAcquire: {
    takes: takes('lockAcquire', { key, owner: id, lease: duration, wait }),
    gives: lockAnswer,
  },
  lockRenew: { takes: takes('lockRenew', { key, owner: id, lease: duration }), gives: boolean },
  lockRelease: { takes: takes('lockRelease', { key, owner: id }), gives: boolean },
  lockHeld: { takes: takes('lockHeld', { key, client: id }), gives: list(tuple(text(), text())) },

  permitAcquire: {
    takes: takes('permitAcquire', { key, owner: id, permits: count, lease: duration, wait }),
    gives: lockAnswer,
  },
  permitRenew: { takes: takes('permitRenew', { key, owner: id, lease: duration }), gives: boolean },
  permitRelease: {
    takes: takes('permitRelease', { key, owner: id, permits: optional(count) }),
    gives: boolean,
  },

  hit: {
    takes: takes('hit', { key, count, cost: optional(count), limit: count, window: duration }),
    gives: object<Operations['hit']['gives']>({
      allowed: size,
      remaining: size,
      resetAfter: number(),
    }),
  },
  hitPeek: {
    takes: takes('hitPeek', { key, limit: count, window: duration }),
    gives: object<Operations['hitPeek']['gives']>({ remaining: size, resetAfter: number() }),
  },
  hitReset: { takes: takes('hitReset', { key }), gives: boolean },
  throttle: {
    takes: takes('throttle', {
      key,
      throttler: text({ maxLength: 2_048 }),
      count,
      ttl: wait,
      limit: size,
      block: wait,
    }),
    gives: object<Operations['throttle']['gives']>({
      before: size,
      first: size,
      expiresIn: size,
      blockedFor: size,
      isBlocked: boolean,
    }),
  },
  cacheGet: {
    takes: takes('cacheGet', { key, field: key }),
    gives: nullable(
      object<NonNullable<Operations['cacheGet']['gives']>>({
        value: json,
        freshFor: nullable(number()),
        version,
      }),
    ),
  },
  cacheSet: {
    takes: takes('cacheSet', {
      key,
      field: key,
      value: json,
      ttl,
      stale: wait,
      maxEntries: count,
      maxBytes: optional(count),
    }),
    gives: version,
  },
  cacheDelete: { takes: takes('cacheDelete', { key, field: key }), gives: boolean },
  cacheKeys: {
    takes: takes('cacheKeys', { key, prefix: text({ maxLength: 2_048 }) }),
    gives: list(text()),
  },
  cacheClear: {
    takes: takes('cacheClear', { key, prefix: text({ maxLength: 2_048 }) }),
    gives: boolean,
  },

  append: {
    takes: takes('append', {
      key,
      event: json,
      keep: count,
      maxAge: optional(duration),
      maxBytes: optional(count),
    }),
    gives: offsetShape,
  },
  history: {
    takes: takes('history', { key, after: offsetShape, count }),
    gives: object<Operations['history']['gives']>({
      entries: list(keptEvent),
      last: offsetShape,
      follows: boolean,
    }),
  },
  newest: { takes: takes('newest', { key }), gives: nullable(keptEvent) },
  historyFacts: {
    takes: takes('historyFacts', { key }),
    gives: nullable(
      object<HistoryFacts>({
        length: size,
        last: offsetShape,
        groups: list(tuple(text(), size, size)),
      }),
    ),
  },
  historyDelete: { takes: takes('historyDelete', { key }), gives: boolean },

  groupJoin: { takes: takes('groupJoin', { key, group: id }), gives: boolean },
  groupTake: {
    takes: takes('groupTake', { key, group: id, member: id, count: size, again: boolean }),
    gives: object<Operations['groupTake']['gives']>({ entries: list(keptEvent), missed: size }),
  },
  groupDone: {
    takes: takes('groupDone', { key, group: id, offsets: list(offsetShape) }),
    gives: size,
  },
  groupMembers: { takes: takes('groupMembers', { key, group: id }), gives: list(text()) },
  groupInherit: {
    takes: takes('groupInherit', { key, group: id, member: id, dead: list(id) }),
    gives: object<Operations['groupInherit']['gives']>({ inherited: size, missed: size }),
  },
  groupLeave: { takes: takes('groupLeave', { key, group: id, member: id }), gives: boolean },
  groupDelete: { takes: takes('groupDelete', { key, group: id }), gives: boolean },
};

/** Any operation of a backend. @internal */
export const operationShape: Shape<Operation> = tagged<'name', Operation>(
  'name',
  Object.fromEntries(Object.entries(SHAPES).map(([name, shape]) => [name, shape.takes])) as never,
);

/** @internal */
export const operationNameShape: Shape<OperationName> = literal(
  ...(Object.keys(SHAPES) as OperationName[]),
);

/** @internal */
export const failureShape: Shape<OperationFailure> = object<OperationFailure>({
  failed: enumeration<OperationFailure['failed']>({
    type: true,
    integer: true,
    range: true,
    full: true,
    large: true,
    backend: true,
  }),
  found: text(),
});

/** Returns the shape of an operation's result. @internal */
export function resultShape(name: OperationName): Shape<OperationResult> {
  return value => (isFailure(value) ? failureShape(value) : SHAPES[name].gives(value));
}

function takes<Name extends OperationName>(
  _name: Name,
  fields: Fields<Operations[Name]['takes']>,
): Shape<Operation<Name>> {
  // The name was already used to choose this shape.
  return object(fields as never);
}
