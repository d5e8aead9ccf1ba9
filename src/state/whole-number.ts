/** Returns whether a JSON text is a whole number, which a counter can increment. @internal */
export function isWholeNumber(text: string): boolean {
  return /^-?\d+$/.test(text);
}
