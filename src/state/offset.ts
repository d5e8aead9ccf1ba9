import { matching } from '../validation/shape/scalars.js';

/**
 * The place of an event in the log of its topic, written as `<epoch>-<n>`, like the entry IDs of Redis streams.
 *
 * The epoch is the time in milliseconds at which the log was created. A log that is created again, because its
 * backend has lost it, has a greater epoch. So have the events that are appended by another server, which may lack some:
 * an offset never belongs to two events. Events are numbered from 1 without holes, and the numbers continue in the next
 * epoch of a log.
 *
 * @internal
 */
export interface Offset {
  readonly epoch: number;
  readonly n: number;
}

/** @internal */
export const offsetShape = matching(/^\d{1,16}-\d{1,16}$/, 'an offset <epoch>-<n>');

/** The offset of an event; events are numbered from 1. @internal */
export const eventOffsetShape = matching(
  /^\d{1,16}-(?=\d*[1-9])\d{1,16}$/,
  'an offset <epoch>-<n> of an event',
);

/** The offset before all events. @internal */
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
