import { BEGINNING, parseOffset } from '../../state/offset.js';

/** The difference between the offset of the last event that was read and the offset of the current one. @internal */
export type Step =
  | { readonly type: 'next' }
  | { readonly type: 'known' }
  /** `missed` events between them were deleted. */
  | { readonly type: 'trimmed'; readonly missed: number }
  /** Another epoch: earlier events are lost, unless the log shows that none is. */
  | { readonly type: 'lost' };

/**
 * @param isContinued whether a greater epoch continues the log of the last offset: then the next number is the next event
 * @internal
 */
export function stepBetween(last: string, next: string, isContinued = false): Step {
  const from = parseOffset(last);
  const to = parseOffset(next);
  if (to.epoch < from.epoch || (to.epoch === from.epoch && to.n <= from.n)) {
    return { type: 'known' };
  }
  if (to.epoch > from.epoch && last !== BEGINNING) {
    return { type: isContinued && to.n === from.n + 1 ? 'next' : 'lost' };
  }
  const missed = to.n - 1 - (to.epoch === from.epoch ? from.n : 0);
  return missed > 0 ? { type: 'trimmed', missed } : { type: 'next' };
}

/** Returns the offset just before. The first offset, which may be numbered 0, has none before it. @internal */
export function before(offset: string): string {
  const { epoch, n } = parseOffset(offset);
  return `${epoch}-${Math.max(0, n - 1)}`;
}

/** Returns whether `offset` is after `other`. @internal */
export function isAfter(offset: string, other: string): boolean {
  return stepBetween(other, offset).type !== 'known';
}
