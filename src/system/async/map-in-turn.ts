/**
 * Maps items with an asynchronous function, which is called for at most `count` items at the same time.
 *
 * @returns the results in the order of the items
 * @internal
 */
export async function mapInTurn<Item, Result>(
  items: readonly Item[],
  count: number,
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += count) {
    results.push(...(await Promise.all(items.slice(start, start + count).map(map))));
  }
  return results;
}
