import { matching } from '../validation/shape.js';

/**
 * Where an event stands in the history of its topic: the text `<epoch>-<n>`, as Redis has it for the
 * entries of a stream.
 *
 * The epoch is the time at which the history began, in milliseconds: one that begins anew, because its
 * backend has lost it, has a greater one. Within an epoch events are counted from 1, without holes: two
 * offsets tell how many there are in between.
 *
 * @internal
 */
export interface Offset {
  readonly epoch: number;
  readonly n: number;
}

/** @internal */
export const offsetShape = matching(/^\d{1,16}-\d{1,16}$/, 'an offset <epoch>-<n>');

/** Of an event: they are counted from 1. @internal */
export const eventOffsetShape = matching(
  /^\d{1,16}-(?=\d*[1-9])\d{1,16}$/,
  'an offset <epoch>-<n> of an event',
);

/** Before everything. @internal */
export const BEGINNING = '0-0';

/** @internal */
export function parseOffset(text: string): Offset {
  const [epoch = 0, n = 0] = text.split('-').map(Number);
  return { epoch, n };
}

/** @internal */
export function formatOffset({ epoch, n }: Offset): string {
  return `${epoch}-${n}`;
}
