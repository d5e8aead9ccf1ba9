import { type MemoryOfHost, memoryPerWorker, parseShare } from '../system/limits/memory-share.js';
import { parseBytes } from '../system/limits/parse-bytes.js';

/** @internal */
export const MEBIBYTE = 1024 * 1024;

/** A limit in bytes for each worker, or a share of the host's memory for all workers together. @internal */
export type MemoryBound = number | { readonly share: number };

/**
 * Parses a memory limit: bytes, `'512mb'`, or `'80%'`.
 *
 * @returns `undefined` if the value is invalid
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

/** Returns the bytes that each worker may use. @internal */
export function bytesPerWorker(bound: MemoryBound, host: MemoryOfHost, workers: number): number {
  return typeof bound === 'number' ? bound : memoryPerWorker(bound.share, host, workers);
}
