/** Whether a JSON text is what a counter counts on from. @internal */
export function isWholeNumber(text: string): boolean {
  return /^-?\d+$/.test(text);
}
