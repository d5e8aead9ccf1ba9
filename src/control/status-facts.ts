import type { HostStatus, WorkerStatus } from '../model/host-status.interface.js';

/** Returns the numbers of the slots. @internal */
export function slotsOf({ wanted }: Pick<HostStatus, 'wanted'>): readonly number[] {
  return Array.from({ length: wanted }, (_, slot) => slot);
}

/**
 * Returns the process id of the worker that has a slot, or had it last; `undefined` if there is no such slot.
 *
 * @internal
 */
export function pidOfSlot({ workers }: HostStatus, slot: number): number | undefined {
  return holderOf(workers, slot)?.pid;
}

function holderOf(workers: readonly WorkerStatus[], slot: number): WorkerStatus | undefined {
  const all = workers.filter(worker => worker.slot === slot);
  return all.find(({ serves }) => serves) ?? all.at(-1);
}
