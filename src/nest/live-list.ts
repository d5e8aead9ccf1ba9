/**
 * Returns an array that is read anew whenever it is iterated or spread. Nest reads the metadata of a dynamic module when it
 * inserts the module, and spreads the lists when it has loaded all other modules, too.
 *
 * @internal
 */
export function liveList<T>(read: () => readonly T[]): T[] {
  // Not enumerable: Nest may hash the metadata of a module.
  return Object.defineProperty([...read()], Symbol.iterator, { value: () => read().values() });
}
