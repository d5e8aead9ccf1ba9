const NEWLINE = 0x0a;

/** The two high bits of a byte that continues a character of UTF-8 are 10. */
const continuesCharacter = (byte: number | undefined): boolean =>
  byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;

/**
 * Returns the lines that begin in the last `length` bytes; if there are none, the end of the last line, from a whole
 * character on.
 *
 * @internal
 */
export function lastLines(bytes: Buffer, length: number): string {
  let start = Math.max(0, bytes.length - length);
  if (start > 0) {
    const line = bytes.indexOf(NEWLINE, start - 1) + 1;
    if (line > 0 && line < bytes.length) {
      start = line;
    }
  }
  while (continuesCharacter(bytes[start])) {
    start++;
  }
  return bytes.toString('utf8', start);
}
