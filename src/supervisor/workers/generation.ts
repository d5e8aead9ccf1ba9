/**
 * The generation of the workers that are forked now. Reloads change it.
 *
 * @internal
 */
export class Generation {
  current = 0;
}
