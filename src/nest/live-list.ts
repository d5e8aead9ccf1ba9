/**
 * Returns an array that is read anew whenever it is iterated or spread. Nest reads the metadata of a dynamic module when it
 * inserts the module, and spreads the lists when it has loaded all other modules, too.
 *
 * In JSON it is empty: Nest can make the id of a module from its metadata, and the id must not change with the list.
 *
 * @internal
 */
export function liveList<T>(read: () => readonly T[]): T[] {
  return Object.defineProperties([...read()], {
    [Symbol.iterator]: { value: () => read().values() },
    toJSON: { value: () => [] },
  });
}
