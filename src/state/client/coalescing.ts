import type { CallResult, Operation, OperationName, Operations, Run } from '../operation.js';

/**
 * Combines equal operations of many callers into one, and derives the result of each caller: the same as if its
 * operation had been performed alone.
 */
interface Coalescing<Name extends OperationName> {
  accepts(first: Operation<Name>, next: Operation<Name>): boolean;
  combine(operations: readonly Operation<Name>[]): Operation<Name>;
  /** Returns the result of each caller, in their order. */
  deal(
    result: Operations[Name]['gives'],
    operations: readonly Operation<Name>[],
  ): CallResult<Name>[];
  /** Returns a function that tells the place of each caller. */
  locate(operations: readonly Operation<Name>[]): (index: number) => CallerPlace;
  /** Returns the result of the caller at a place; for `SharedState.resolve()`, later and in any process. */
  share(result: Operations[Name]['gives'], caller: CallerPlace): CallResult<Name>;
}

/**
 * The place of one caller in a combined operation.
 *
 * @internal
 */
export interface CallerPlace {
  /** Number of callers before it. */
  readonly index: number;
  /** For an increment, the difference from the total to the value of this caller; for a hit, its cost. */
  readonly toTotal: number;
}

const ALONE: CallerPlace = { index: 0, toTotal: 0 };

const increments: Coalescing<'increment'> = {
  accepts: (first, next) =>
    first === next ||
    (first.key === next.key &&
      first.min === next.min &&
      first.max === next.max &&
      first.ttl === next.ttl),
  combine: operations => ({ ...operations[0]!, runs: joinRuns(operations) }),
  deal: (result, operations) => {
    if ('values' in result) {
      return operations.map((_, index) => result.values[index] ?? null);
    }
    const values = Array.from<number>({ length: operations.length });
    let value = result.total;
    for (let index = operations.length - 1; index >= 0; index--) {
      values[index] = value;
      value -= deltaOf(operations[index]!);
    }
    return values;
  },
  locate: operations => {
    const toTotal = new Float64Array(operations.length);
    for (let index = operations.length - 2; index >= 0; index--) {
      toTotal[index] = toTotal[index + 1]! - deltaOf(operations[index + 1]!);
    }
    return index => ({ index, toTotal: toTotal[index]! });
  },
  share: (result, { index, toTotal }) =>
    'total' in result ? result.total + toTotal : (result.values[index] ?? null),
};

const hits: Coalescing<'hit'> = {
  accepts: (first, next) =>
    first.key === next.key &&
    first.cost === next.cost &&
    first.limit === next.limit &&
    first.window === next.window,
  combine: operations => ({ ...operations[0]!, count: operations.length }),
  deal: (result, operations) =>
    operations.map(({ cost = 1 }, index) => hits.share(result, { index, toTotal: cost })),
  locate:
    ([first]) =>
    index => ({ index, toTotal: first?.cost ?? 1 }),
  share: ({ allowed, remaining, resetAfter }, { index, toTotal }) => ({
    allowed: index < allowed ? 1 : 0,
    remaining: remaining + Math.max(0, allowed - index - 1) * toTotal,
    resetAfter,
  }),
};

const throttledHits: Coalescing<'throttle'> = {
  accepts: (first, next) =>
    first.key === next.key &&
    first.throttler === next.throttler &&
    first.ttl === next.ttl &&
    first.limit === next.limit &&
    first.block === next.block &&
    first.ttl > 0,
  combine: operations => ({ ...operations[0]!, count: operations.length }),
  deal: (result, operations) =>
    operations.map((_, index) => throttledHits.share(result, { index, toTotal: 0 })),
  locate: () => index => ({ index, toTotal: 0 }),
  share: ({ before, first, expiresIn, blockedFor, isBlocked }, { index }) => {
    const isRefused = isBlocked || index >= first;
    return {
      totalHits: isBlocked ? before : before + Math.min(index, first) + 1,
      expiresIn,
      isBlocked: isRefused,
      blockedFor: isRefused ? blockedFor : 0,
    };
  },
};

/** Reads of the same value, which are one read. */
function sharedRead<Name extends 'get' | 'mapGet' | 'cacheGet'>(
  accepts: Coalescing<Name>['accepts'],
): Coalescing<Name> {
  return {
    accepts,
    combine: ([first]) => first!,
    deal: (result, operations) => operations.map(() => result as CallResult<Name>),
    locate: () => () => ALONE,
    share: result => result as CallResult<Name>,
  };
}

interface FieldRead {
  readonly key: string;
  readonly field: string;
}

function isSameField(first: FieldRead, next: FieldRead): boolean {
  return first.key === next.key && first.field === next.field;
}

const COALESCED: { readonly [Name in OperationName]?: Coalescing<Name> } = {
  increment: increments,
  hit: hits,
  throttle: throttledHits,
  get: sharedRead<'get'>((first, next) => first.key === next.key),
  mapGet: sharedRead<'mapGet'>(isSameField),
  cacheGet: sharedRead<'cacheGet'>(isSameField),
};

function coalescingOf(name: OperationName): Coalescing<OperationName> | undefined {
  const coalescing: unknown = COALESCED[name];
  return coalescing as Coalescing<OperationName> | undefined;
}

/** Returns whether `next` can be combined with `first`. @internal */
export function coalesces(first: Operation, next: Operation): boolean {
  return first.name === next.name && (coalescingOf(first.name)?.accepts(first, next) ?? false);
}

/** Combines operations that coalesce into one. @internal */
export function combine(operations: readonly Operation[]): Operation {
  const first = operations[0]!;
  return operations.length === 1 ? first : coalescingOf(first.name)!.combine(operations);
}

/** Returns the result of each caller of a combined operation. @internal */
export function deal(
  result: Operations[OperationName]['gives'],
  operations: readonly Operation[],
): readonly CallResult[] {
  const coalescing = coalescingOf(operations[0]!.name);
  return coalescing ? coalescing.deal(result, operations) : [result as CallResult];
}

/** Returns a function that tells the place of each caller. @internal */
export function locate(operations: readonly Operation[]): (index: number) => CallerPlace {
  return coalescingOf(operations[0]!.name)?.locate(operations) ?? (() => ALONE);
}

/** Returns the result of the caller at a place. @internal */
export function share(
  name: OperationName,
  result: Operations[OperationName]['gives'],
  caller: CallerPlace,
): CallResult {
  const coalescing = coalescingOf(name);
  return coalescing ? coalescing.share(result, caller) : (result as CallResult);
}

function deltaOf({ runs }: Operation<'increment'>): number {
  return runs[0]![0];
}

function joinRuns(operations: readonly Operation<'increment'>[]): readonly Run[] {
  const runs: [delta: number, count: number][] = [];
  let last: [delta: number, count: number] | undefined;
  for (const operation of operations) {
    const delta = deltaOf(operation);
    if (last?.[0] === delta) {
      last[1]++;
    } else {
      last = [delta, 1];
      runs.push(last);
    }
  }
  return runs;
}
