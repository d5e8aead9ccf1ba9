/** The units; the regular expression below accepts no others. */
const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 };

/**
 * Parses a size: `'512mb'`, `'64 KB'`, `'100'`. Units are powers of 1024.
 *
 * @returns bytes; `undefined` for anything else
 * @internal
 */
export function parseBytes(text: string): number | undefined {
  const [, amount, unit = 'b'] = /^(\d+(?:\.\d+)?)\s*([kmg]?b)?$/i.exec(text.trim()) ?? [];
  const bytes = Number(amount) * UNITS[unit.toLowerCase()]!;
  // A fraction of a byte is invalid; it must not become 0.
  return bytes >= 1 || bytes === 0 ? Math.floor(bytes) : undefined;
}
