const SHORT = 128;

/**
 * Returns the bytes that V8 needs for the characters of a string: one for each, or two if any is not Latin-1.
 * @internal
 */
export function characterBytes(text: string): number {
  return isOneByte(text) ? text.length : 2 * text.length;
}

function isOneByte(text: string): boolean {
  if (text.length > SHORT) {
    // Fast, but it overestimates strings with umlauts, which is harmless.
    return Buffer.byteLength(text) === text.length;
  }
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0xff) {
      return false;
    }
  }
  return true;
}
