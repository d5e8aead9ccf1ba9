import { BEGINNING, parseOffset } from '../../state/offset.js';

/** What lies between the event that was the last one to be read, and one that is read now. @internal */
export type Step =
  | { readonly type: 'next' }
  | { readonly type: 'known' }
  /** So many are no more. */
  | { readonly type: 'trimmed'; readonly missed: number }
  /** The counting has begun anew: what was kept before is gone. */
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

/** The offset just before; there is none before the first one, which others may have numbered 0. @internal */
export function before(offset: string): string {
  const { epoch, n } = parseOffset(offset);
  return `${epoch}-${Math.max(0, n - 1)}`;
}

/** Whether one offset is after another. @internal */
export function isAfter(offset: string, other: string): boolean {
  return stepBetween(other, offset).type !== 'known';
}
