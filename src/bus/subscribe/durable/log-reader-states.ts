/**
 * The states of a log reader:
 *
 * - `starting`: its first offset is not known yet; live events wait
 * - `following`: it has read the whole log; the next live event is delivered at once
 * - `behind`: the log may have more events; it reads them when there is room, or when the backend answers again
 * - `reading`: a read is under way
 * - `rereading`: a read is under way, and the log may have more events by now than this read returns
 * - `closed`: it delivers nothing more
 *
 * @internal
 */
export type LogReaderState =
  'starting' | 'following' | 'behind' | 'reading' | 'rereading' | 'closed';

/** The allowed transitions: a reader that follows falls behind before it reads. @internal */
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
