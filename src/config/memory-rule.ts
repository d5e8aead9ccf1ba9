import type { Rule } from '../validation/rule.interface.js';
import { MEBIBYTE, type MemoryBound, parseMemoryBound } from './memory-bound.js';

/** A limit below this cannot be meant: no process of Node and no state fits into it. */
const LEAST = MEBIBYTE;

/** Matches a number without a unit, or with one that is too small. */
const AMOUNT = /^(\d+)(?:\.\d+)?\s*(?:k?b)?$/i;

/**
 * A limit of memory of at least 1 MiB. Sizes below it, such as `'80'`, lack their unit or `%`, and the message says so.
 *
 * @param share what a share is a share of, with an example
 * @param mayBeOff whether 0 stands for no limit
 * @internal
 */
export function memoryRule(share: string, mayBeOff: boolean): Rule<MemoryBound> {
  const expected = `${mayBeOff ? '0, ' : ''}a number of bytes, at least ${LEAST}, a string such as '512mb', or ${share}`;
  return {
    expected,
    accept: value => {
      const bound = parseMemoryBound(value);
      return isTooSmall(bound) && !(mayBeOff && bound === 0) ? undefined : bound;
    },
    faultsOf: value => {
      const bytes = parseMemoryBound(value);
      if (!isTooSmall(bytes)) {
        return [];
      }
      const hint = meant(String(value).trim());
      return hint ? [{ expected, received: `${bytes} bytes`, hint }] : [];
    },
  };
}

function isTooSmall(bound: MemoryBound | undefined): bound is number {
  return typeof bound === 'number' && bound < LEAST;
}

/** Returns what may have been meant by a size that is too small; `undefined` for 0. */
function meant(text: string): string | undefined {
  const amount = Number(AMOUNT.exec(text)?.[1] ?? 0);
  if (amount === 0) {
    return undefined;
  }
  return amount <= 100
    ? `Did you mean '${amount}%' or '${amount}mb'?`
    : `Did you mean '${amount}mb'?`;
}
