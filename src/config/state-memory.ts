import { MEBIBYTE, type MemoryBound } from './memory-bound.js';

/**
 * Heap that the state may never use: V8's young generation, which the heap limit includes (48 MiB by default), and
 * the process itself.
 */
const RESERVE = 80 * MEBIBYTE;

/** The minimum for the state, for a heap that is smaller than the reserve. */
const LEAST = 8 * MEBIBYTE;

/**
 * Returns the bytes that the shared state and the bus may use in the memory of the primary.
 *
 * @param bound bytes, or a share of the heap
 * @param heapLimit `heap_size_limit` of V8
 * @internal
 */
export function stateMemory(bound: MemoryBound, heapLimit: number): number {
  const wanted = typeof bound === 'number' ? bound : Math.floor(bound.share * heapLimit);
  return Math.min(wanted, Math.max(LEAST, heapLimit - RESERVE));
}
