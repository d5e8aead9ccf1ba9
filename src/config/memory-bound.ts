import { type MemoryOfHost, memoryPerWorker, parseShare } from '../system/limits/memory-share.js';
import { parseBytes } from '../system/limits/parse-bytes.js';

/** Bytes for each worker, or the share of the host's memory that all workers have together. @internal */
export type MemoryBound = number | { readonly share: number };

/**
 * A bound as one writes it: bytes, `'512mb'`, or `'80%'`.
 *
 * @returns `undefined` for what is none
 * @internal
 */
export function parseMemoryBound(value: unknown): MemoryBound | undefined {
  const share = typeof value === 'string' ? parseShare(value) : undefined;
  if (share !== undefined) {
    return { share };
  }
  const bytes = typeof value === 'string' ? parseBytes(value) : value;
  return Number.isSafeInteger(bytes) && (bytes as number) >= 0 ? (bytes as number) : undefined;
}

/** The bytes that each of so many workers may use. @internal */
export function bytesPerWorker(bound: MemoryBound, host: MemoryOfHost, workers: number): number {
  return typeof bound === 'number' ? bound : memoryPerWorker(bound.share, host, workers);
}
