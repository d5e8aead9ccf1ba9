/** Returns a number with its noun: `1 worker`, `2 workers`. @internal */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
