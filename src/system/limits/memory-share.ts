/**
 * A part of something as one writes it: `'80%'`, `'12.5 %'`.
 *
 * @returns 0.8 for `'80%'`; `undefined` for what is no share, or more than all
 * @internal
 */
export function parseShare(text: string): number | undefined {
  const [, percent] = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim()) ?? [];
  const share = Number(percent) / 100;
  return share > 0 && share <= 1 ? share : undefined;
}

/** What the memory of a worker is a share of. @internal */
export interface MemoryOfHost {
  /** The bytes that the container grants, `undefined` without a limit; see `readMemoryLimit()`. */
  readonly limit: number | undefined;
  /** The bytes that the machine has, `os.totalmem()`. */
  readonly total: number;
}

/**
 * How many bytes a worker may have when all workers together may have a share of the memory.
 *
 * A container may be granted more than the machine has; that is no more than all of it.
 *
 * @param workers at least 1
 * @internal
 */
export function memoryPerWorker(
  share: number,
  { limit, total }: MemoryOfHost,
  workers: number,
): number {
  return Math.floor((share * Math.min(limit ?? total, total)) / workers);
}
