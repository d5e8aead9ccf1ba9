/**
 * The states of a group reader:
 *
 * - `idle`: it has nothing to do, or no free place for more events
 * - `working`: it acknowledges handled events and takes new ones
 * - `backingOff`: the backend did not answer; the reader retries after a delay
 * - `stopped`: it takes no more events
 *
 * @internal
 */
export type GroupReaderState = 'idle' | 'working' | 'backingOff' | 'stopped';

/** The allowed transitions. New work ends the backoff. @internal */
export const GROUP_READER_TRANSITIONS: Readonly<
  Record<GroupReaderState, readonly GroupReaderState[]>
> = {
  idle: ['working', 'stopped'],
  working: ['idle', 'backingOff', 'stopped'],
  backingOff: ['idle', 'working', 'stopped'],
  stopped: [],
};

/** @internal */
export function mayBecome(from: GroupReaderState, to: GroupReaderState): boolean {
  return GROUP_READER_TRANSITIONS[from].includes(to);
}
