/** The part of Nest's modules that is read. @internal */
export type NestModules = Iterable<{
  readonly metatype?: unknown;
  readonly providers: Iterable<readonly [token: unknown, wrapper: { readonly instance: unknown }]>;
  readonly controllers: Iterable<
    readonly [token: unknown, wrapper: { readonly instance: unknown }]
  >;
}>;

/** What an application consists of. Classes are recognized by their names, so that no package is imported. @internal */
export class Inventory {
  readonly #modules = new Set<string>();
  readonly #provided = new Map<string, Set<object>>();
  readonly #held = new Map<string, Set<object>>();

  /**
   * @param modules the modules of an application that has bootstrapped
   * @param wanted the names of classes, and the string tokens of providers, that are asked for
   */
  constructor(modules: NestModules, wanted: ReadonlySet<string>) {
    for (const { metatype, providers, controllers } of modules) {
      this.#modules.add(nameOf(metatype));
      for (const [token, wrapper] of [...providers, ...controllers]) {
        try {
          this.#add(token, wrapper.instance, wanted);
        } catch {
          // A proxy of the application that refuses to be looked at.
        }
      }
    }
  }

  /** Whether the application has a module of a class with this name. */
  hasModule(name: string): boolean {
    return this.#modules.has(name);
  }

  /** The providers that are instances of a class with this name, or of a subclass, or that have this token. */
  providersOf(name: string): readonly object[] {
    return [...(this.#provided.get(name) ?? [])];
  }

  /** As {@link providersOf}, together with the values of the providers' own properties. */
  allOf(name: string): readonly object[] {
    return [...new Set([...this.providersOf(name), ...(this.#held.get(name) ?? [])])];
  }

  #add(token: unknown, instance: unknown, wanted: ReadonlySet<string>): void {
    if (!isObject(instance)) {
      return;
    }
    const names = classNames(instance);
    for (const name of typeof token === 'string' ? [...names, token] : names) {
      note(this.#provided, name, instance, wanted);
    }
    // Not of plain objects, arrays and buffers, which may be large.
    if (typeof instance === 'function' || names.length === 0 || isLarge(instance)) {
      return;
    }
    for (const key of Object.keys(instance)) {
      const value: unknown = Object.getOwnPropertyDescriptor(instance, key)?.value;
      if (isObject(value)) {
        classNames(value).forEach(name => note(this.#held, name, value, wanted));
      }
    }
  }
}

/** Classes of users have few superclasses. */
const MAX_DEPTH = 5;

/**
 * Returns the names of an object's class and its superclasses, except `Object`; of a function `f`, the name `f()`; none
 * for any other value, and for a proxy that refuses to be looked at.
 *
 * @internal
 */
export function classNames(value: unknown): readonly string[] {
  try {
    return namesOf(value);
  } catch {
    return [];
  }
}

function namesOf(value: unknown): readonly string[] {
  if (typeof value === 'function') {
    return [`${nameOf(value)}()`];
  }
  if (!isObject(value)) {
    return [];
  }
  const names: string[] = [];
  let prototype: unknown = Object.getPrototypeOf(value);
  while (isObject(prototype) && prototype !== Object.prototype && names.length < MAX_DEPTH) {
    names.push(nameOf(Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value));
    prototype = Object.getPrototypeOf(prototype);
  }
  return names;
}

function note(
  into: Map<string, Set<object>>,
  name: string,
  value: object,
  wanted: ReadonlySet<string>,
): void {
  if (wanted.has(name)) {
    into.set(name, (into.get(name) ?? new Set()).add(value));
  }
}

function nameOf(value: unknown): string {
  const name: unknown =
    typeof value === 'function' && Object.getOwnPropertyDescriptor(value, 'name')?.value;
  return typeof name === 'string' ? name : '';
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function isLarge(value: object): boolean {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}
