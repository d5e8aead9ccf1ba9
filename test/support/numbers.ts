/** The first `count` numbers, from 0. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

export function ascending(numbers: Iterable<number>): number[] {
  return [...numbers].toSorted((one, other) => one - other);
}
