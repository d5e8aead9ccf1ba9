import type { CallResult, Operation, OperationName, Operations, Run } from '../operation.js';

/**
 * How equal operations of many callers become one, and what each caller gets of what comes of it: the
 * same as if it had been alone.
 */
interface Coalescing<Name extends OperationName> {
  accepts(first: Operation<Name>, next: Operation<Name>): boolean;
  combine(operations: readonly Operation<Name>[]): Operation<Name>;
  /** What each caller gets, in their order. */
  deal(
    result: Operations[Name]['gives'],
    operations: readonly Operation<Name>[],
  ): CallResult<Name>[];
  /** Tells the place of each of them. */
  locate(operations: readonly Operation<Name>[]): (index: number) => CallerPlace;
  /** What the caller at some place gets: for those who ask later, and elsewhere. */
  share(result: Operations[Name]['gives'], offset: CallerPlace): CallResult<Name>;
}

/**
 * The place of one caller in a combined operation.
 *
 * @internal
 */
export interface CallerPlace {
  /** How many came before it. */
  readonly index: number;
  /** What is to be added to the total, once all have had their turn, to get the value of this one. */
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
    first.key === next.key && first.limit === next.limit && first.window === next.window,
  combine: operations => ({ ...operations[0]!, count: operations.length }),
  deal: (result, operations) =>
    operations.map((_, index) => hits.share(result, { index, toTotal: 0 })),
  locate: () => index => ({ index, toTotal: 0 }),
  share: ({ allowed, remaining, resetAfter }, { index }) => ({
    allowed: index < allowed ? 1 : 0,
    remaining: remaining + Math.max(0, allowed - index - 1),
    resetAfter,
  }),
};

const COALESCED: { readonly [Name in OperationName]?: Coalescing<Name> } = {
  increment: increments,
  hit: hits,
};

function coalescingOf(name: OperationName): Coalescing<OperationName> | undefined {
  const coalescing: unknown = COALESCED[name];
  return coalescing as Coalescing<OperationName> | undefined;
}

/** Whether `next` can become one operation with `first`. @internal */
export function coalesces(first: Operation, next: Operation): boolean {
  return first.name === next.name && (coalescingOf(first.name)?.accepts(first, next) ?? false);
}

/** One operation for many that coalesce. @internal */
export function combine(operations: readonly Operation[]): Operation {
  const first = operations[0]!;
  return operations.length === 1 ? first : coalescingOf(first.name)!.combine(operations);
}

/** What each of those that became one operation gets of what came of it. @internal */
export function deal(
  result: Operations[OperationName]['gives'],
  operations: readonly Operation[],
): readonly CallResult[] {
  const coalescing = coalescingOf(operations[0]!.name);
  return coalescing ? coalescing.deal(result, operations) : [result as CallResult];
}

/** Tells the place of each of them. @internal */
export function locate(operations: readonly Operation[]): (index: number) => CallerPlace {
  return coalescingOf(operations[0]!.name)?.locate(operations) ?? (() => ALONE);
}

/** What the one at that place gets. @internal */
export function share(
  name: OperationName,
  result: Operations[OperationName]['gives'],
  offset: CallerPlace,
): CallResult {
  const coalescing = coalescingOf(name);
  return coalescing ? coalescing.share(result, offset) : (result as CallResult);
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
