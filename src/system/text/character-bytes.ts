const SHORT = 128;

/** The bytes that V8 has for the characters of a text: one for each, or two if any is not Latin-1. @internal */
export function characterBytes(text: string): number {
  return isOneByte(text) ? text.length : 2 * text.length;
}

function isOneByte(text: string): boolean {
  if (text.length > SHORT) {
    // Quick. It takes texts with umlauts for longer than they are, which does no harm.
    return Buffer.byteLength(text) === text.length;
  }
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0xff) {
      return false;
    }
  }
  return true;
}
