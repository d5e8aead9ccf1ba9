/**
 * Returns the number of workers for `workers: 'auto'`: one for each core that this process can use, at least one.
 *
 * A fraction of a CPU gets no worker: with 1.5 CPUs, a second worker would be throttled half of the time, together
 * with the first.
 *
 * @param available the cores that the scheduler offers, `os.availableParallelism()`
 * @param quota the CPUs that the container grants; `undefined` without a limit
 * @internal
 */
export function autoWorkerCount(available: number, quota: number | undefined): number {
  return Math.max(1, Math.min(available, Math.floor(quota ?? available)));
}
