import { StateInputError } from '../../model/errors/state-input.error.js';
import { RecentMap } from '../../system/collections/recent-map.js';

/** The number of names whose options a worker remembers. */
const REMEMBERED = 1_000;

/**
 * The options with which this worker has used the names of one kind of object. Two calls with different options for one
 * name are a mistake: each would change what the other one promises.
 *
 * @internal
 */
export class KnownOptions {
  readonly #known = new RecentMap<string, string>(REMEMBERED);

  /** @param what as in "The counter" */
  constructor(private readonly what: string) {}

  /** @throws StateInputError if the name is known with other options */
  check(name: string, options: Readonly<Record<string, number | undefined>>): void {
    const described = Object.entries(options)
      .filter(([, value]) => value !== undefined)
      .map(([option, value]) => `${option}: ${value}`)
      .toSorted()
      .join(', ');
    const known = this.#known.get(name);
    if (known !== undefined && known !== described) {
      throw new StateInputError(
        name,
        `${this.what} "${name}" already has { ${known} }, not { ${described} }. Use the same options in every call.`,
      );
    }
    this.#known.set(name, described);
  }

  forget(name: string): void {
    this.#known.delete(name);
  }
}
