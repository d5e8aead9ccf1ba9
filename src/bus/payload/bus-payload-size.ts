import { parseBytes } from '../../system/limits/parse-bytes.js';

/**
 * A size as one writes it: bytes, or a text such as `'64mb'`.
 *
 * @returns `undefined` for what is no size of at least one byte
 * @internal
 */
export function asBytes(size: unknown): number | undefined {
  const bytes = typeof size === 'string' ? parseBytes(size) : size;
  return Number.isSafeInteger(bytes) && (bytes as number) >= 1 ? (bytes as number) : undefined;
}
