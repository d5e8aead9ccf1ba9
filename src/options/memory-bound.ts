import { type MemoryOfHost, memoryPerWorker, parseShare } from './memory-share.js';
import { parseBytes } from './parse-bytes.js';

/** Bytes for each worker, or the share of the host's memory that all workers have together. @internal */
export type MemoryBound = number | { readonly share: number };

/**
 * A bound as one writes it: bytes, `'512mb'`, or `'80%'`.
 *
 * @returns `undefined` for what is none
 * @internal
 */
export function parseMemoryBound(value: unknown): MemoryBound | undefined {
  if (typeof value === 'string') {
    const share = parseShare(value);
    return share === undefined ? parseBytes(value) : { share };
  }
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

/** The bytes that each of so many workers may use. @internal */
export function bytesPerWorker(bound: MemoryBound, host: MemoryOfHost, workers: number): number {
  return typeof bound === 'number' ? bound : memoryPerWorker(bound.share, host, workers);
}
