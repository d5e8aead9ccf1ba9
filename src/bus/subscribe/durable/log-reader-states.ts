/**
 * What a reader of a log does:
 *
 * - `starting`: it is not known yet where it begins; what arrives waits
 * - `following`: all of the log is read; what arrives next is given at once
 * - `behind`: there may be more in the log, which is read when there is room, or when the backend answers again
 * - `reading`: it reads
 * - `rereading`: it reads, and there may be more in the log by now than this read brings
 * - `closed`: it gives nothing more
 *
 * @internal
 */
export type LogReaderState =
  'starting' | 'following' | 'behind' | 'reading' | 'rereading' | 'closed';

/** What may follow what: whoever follows falls behind before it reads. @internal */
export const LOG_READER_TRANSITIONS: Readonly<Record<LogReaderState, readonly LogReaderState[]>> = {
  starting: ['following', 'behind', 'closed'],
  following: ['behind', 'closed'],
  behind: ['reading', 'closed'],
  reading: ['rereading', 'following', 'behind', 'closed'],
  rereading: ['reading', 'behind', 'closed'],
  closed: [],
};

/** @internal */
export function mayBecome(from: LogReaderState, to: LogReaderState): boolean {
  return LOG_READER_TRANSITIONS[from].includes(to);
}
