import { BEGINNING, parseOffset } from '../../state/offset.js';

/** The difference between the offset of the last event that was read and the offset of the current one. @internal */
export type Step =
  | { readonly type: 'next' }
  | { readonly type: 'known' }
  /** `missed` events between them were deleted. */
  | { readonly type: 'trimmed'; readonly missed: number }
  /** Another epoch: earlier events are lost, unless the log shows that none is. */
  | { readonly type: 'lost' };

/** @internal */
export function stepBetween(last: string, next: string): Step {
  const from = parseOffset(last);
  const to = parseOffset(next);
  if (to.epoch < from.epoch || (to.epoch === from.epoch && to.n <= from.n)) {
    return { type: 'known' };
  }
  if (to.epoch > from.epoch && last !== BEGINNING) {
    return { type: 'lost' };
  }
  const missed = to.n - 1 - (to.epoch === from.epoch ? from.n : 0);
  return missed > 0 ? { type: 'trimmed', missed } : { type: 'next' };
}

/** Whether `next` has the number that follows on that of `last`, in whatever epoch. @internal */
export function isNextNumber(last: string, next: string): boolean {
  return parseOffset(next).n === parseOffset(last).n + 1;
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
