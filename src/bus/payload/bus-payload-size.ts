import { parseBytes } from '../../system/limits/parse-bytes.js';

/**
 * Parses a size: a number of bytes, or a text such as `'64mb'`.
 *
 * @returns the size in bytes; `undefined` unless it is a size of at least one byte
 * @internal
 */
export function asBytes(size: unknown): number | undefined {
  const bytes = typeof size === 'string' ? parseBytes(size) : size;
  return Number.isSafeInteger(bytes) && (bytes as number) >= 1 ? (bytes as number) : undefined;
}
