import { StateInputError } from '../../model/errors/state-input.error.js';
import { RecentMap } from '../../system/collections/recent-map.js';

/** The number of names whose options a worker remembers. */
const REMEMBERED = 1_000;

type Options = Readonly<Record<string, number | undefined>>;

/**
 * The options with which this worker has used the names of one kind of object. Two calls with different options for one
 * name are a mistake: each would change what the other one promises.
 *
 * @internal
 */
export class KnownOptions {
  readonly #known = new RecentMap<string, Options>(REMEMBERED);

  /** @param what as in "The counter" */
  constructor(private readonly what: string) {}

  /** @throws StateInputError if the name is known with other options */
  check(name: string, options: Options): void {
    const known = this.#known.get(name);
    if (known === undefined) {
      this.#known.set(name, { ...options });
    } else if (!includes(known, options) || !includes(options, known)) {
      throw new StateInputError(
        name,
        `${this.what} "${name}" already has { ${described(known)} }, not { ${described(options)} }. Use the same options in every call.`,
      );
    }
  }

  forget(name: string): void {
    this.#known.delete(name);
  }
}

function includes(options: Options, others: Options): boolean {
  for (const name in others) {
    if (options[name] !== others[name]) {
      return false;
    }
  }
  return true;
}

function described(options: Options): string {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([option, value]) => `${option}: ${value}`)
    .toSorted()
    .join(', ');
}
