/**
 * Parses a percentage: `'80%'`, `'12.5 %'`.
 *
 * @returns 0.8 for `'80%'`; `undefined` for anything else, or more than 100 %
 * @internal
 */
export function parseShare(text: string): number | undefined {
  const [, percent] = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim()) ?? [];
  const share = Number(percent) / 100;
  return share > 0 && share <= 1 ? share : undefined;
}

/** The memory that shares refer to. @internal */
export interface MemoryOfHost {
  /** Bytes that the container may use; `undefined` without a limit; see `readMemoryLimit()`. */
  readonly limit: number | undefined;
  /** Bytes of the machine, `os.totalmem()`. */
  readonly total: number;
}

/**
 * Returns the bytes for each worker if all workers together may use a share of the memory.
 *
 * A limit of the container that exceeds the memory of the machine is ignored.
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
