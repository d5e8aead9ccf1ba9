/** The regular expression below lets no other names in. */
const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 };

/**
 * A size as one writes it: `'512mb'`, `'64 KB'`, `'100'`. The units are powers of 1024.
 *
 * @returns bytes; `undefined` for what is no size
 * @internal
 */
export function parseBytes(text: string): number | undefined {
  const [, amount, unit = 'b'] = /^(\d+(?:\.\d+)?)\s*([kmg]?b)?$/i.exec(text.trim()) ?? [];
  const bytes = Number(amount) * UNITS[unit.toLowerCase()]!;
  // Less than one byte is none, which is something else than 0.
  return bytes >= 1 || bytes === 0 ? Math.floor(bytes) : undefined;
}
