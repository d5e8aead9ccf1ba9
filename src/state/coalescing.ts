import type { Operation, OperationName, Operations, Run } from './operation.js';

/**
 * How equal operations of many callers become one, and what each caller gets of what comes of it: the
 * same as if it had been alone.
 */
interface Coalescing<Name extends OperationName> {
  accepts(first: Operation<Name>, next: Operation<Name>): boolean;
  combine(operations: readonly Operation<Name>[]): Operation<Name>;
  /** Where the share of one caller begins, counted in what `combine()` has put together. */
  offsets(operations: readonly Operation<Name>[]): Offset[];
  share(result: Operations[Name]['gives'], offset: Offset): Operations[Name]['gives'];
}

/**
 * The place of one caller in a combined operation.
 *
 * @internal
 */
export interface Offset {
  /** How many came before it. */
  readonly index: number;
  /** What is to be added to the total, once all have had their turn, to get the value of this one. */
  readonly toTotal: number;
}

const ALONE: Offset = { index: 0, toTotal: 0 };

const increments: Coalescing<'increment'> = {
  accepts: (first, next) =>
    first.key === next.key &&
    first.min === next.min &&
    first.max === next.max &&
    first.ttl === next.ttl,
  combine: operations => ({ ...operations[0]!, runs: joinRuns(operations) }),
  offsets: operations => {
    const deltas = operations.map(({ runs }) => runs[0]![0]);
    let rest = deltas.reduce((sum, delta) => sum + delta, 0);
    return deltas.map((delta, index) => {
      rest -= delta;
      return { index, toTotal: 0 - rest };
    });
  },
  share: (result, { index, toTotal }) =>
    'total' in result
      ? { total: result.total + toTotal }
      : { values: [result.values[index] ?? null] },
};

const hits: Coalescing<'hit'> = {
  accepts: (first, next) =>
    first.key === next.key && first.limit === next.limit && first.window === next.window,
  combine: operations => ({
    ...operations[0]!,
    count: operations.reduce((sum, { count }) => sum + count, 0),
  }),
  offsets: operations => operations.map((_, index) => ({ index, toTotal: 0 })),
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

/** The place of each operation in the combined one. @internal */
export function offsets(operations: readonly Operation[]): readonly Offset[] {
  const first = operations[0]!;
  return operations.length === 1 ? [ALONE] : coalescingOf(first.name)!.offsets(operations);
}

/** What one of many gets of what came of the combined operation. @internal */
export function share<Name extends OperationName>(
  name: Name,
  result: Operations[Name]['gives'],
  offset: Offset,
): Operations[Name]['gives'] {
  const coalescing = coalescingOf(name) as Coalescing<Name> | undefined;
  return coalescing ? coalescing.share(result, offset) : result;
}

function joinRuns(operations: readonly Operation<'increment'>[]): readonly Run[] {
  const runs: [delta: number, count: number][] = [];
  for (const { runs: own } of operations) {
    for (const [delta, count] of own) {
      const last = runs.at(-1);
      if (last?.[0] === delta) {
        last[1] += count;
      } else {
        runs.push([delta, count]);
      }
    }
  }
  return runs;
}
