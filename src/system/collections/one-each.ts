/**
 * Returns a function that makes a value for an object with the first call, and returns the same value with all others.
 *
 * @internal
 */
export function oneEach<Owner extends object, Value>(
  make: (owner: Owner) => Value,
): (owner: Owner) => Value {
  const values = new WeakMap<Owner, Value>();
  return owner => {
    const value = values.get(owner) ?? make(owner);
    values.set(owner, value);
    return value;
  };
}
