/** The metadata key of the imports in Nest's `@Module()`. */
const IMPORTS = 'imports';

/**
 * Returns the imports of a module that are known without awaiting anything: classes, dynamic modules, promises.
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
  // A dynamic module also has the imports of its class.
  const dynamic = module as { readonly imports?: unknown; readonly module?: unknown };
  return [...asArray(dynamic.imports), dynamic.module];
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
