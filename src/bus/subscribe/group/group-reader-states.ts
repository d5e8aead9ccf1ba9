/**
 * What a reader of a group does:
 *
 * - `idle`: there is nothing to do, or no room for what there is
 * - `working`: it tells what is done, and takes events
 * - `backingOff`: the backend did not answer; it is tried again in a moment
 * - `stopped`: it takes nothing more
 *
 * @internal
 */
export type GroupReaderState = 'idle' | 'working' | 'backingOff' | 'stopped';

/** What may follow what: new work does not wait for the backoff to end. @internal */
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
