/** Where Nest's `@Module()` keeps what it is given under this name. */
const IMPORTS = 'imports';

/**
 * What a module imports, as far as it can be told without awaiting anything: classes, dynamic modules, promises.
 *
 * @internal
 */
export function importsOf(module: unknown): readonly unknown[] {
  if (typeof module === 'function') {
    return asArray(Reflect.getMetadata(IMPORTS, module));
  }
  if (typeof module !== 'object' || module === null || module instanceof Promise) {
    return [];
  }
  // A dynamic module has its class's imports too.
  const dynamic = module as { readonly imports?: unknown; readonly module?: unknown };
  return [...asArray(dynamic.imports), dynamic.module];
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
