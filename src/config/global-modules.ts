import type { DynamicModule, InjectionToken, Type } from '@nestjs/common';
import { LazyModule } from '../nest/lazy-module.js';
import { importsOf } from '../nest/module-tree.js';

/** The metadata keys of Nest's `@Global()` and `@Module()`. */
const GLOBAL = '__module:global__';
const EXPORTS = 'exports';

/**
 * Returns the global modules of an application that export one of the tokens. The rest of the application is not
 * constructed.
 *
 * @param root the root module of the application
 * @internal
 */
export async function globalModulesWith(
  tokens: readonly InjectionToken[],
  root: unknown,
): Promise<readonly (DynamicModule | Type)[]> {
  const found: (DynamicModule | Type)[] = [];
  const seen = new Set<unknown>();
  const visit = async (reference: unknown): Promise<void> => {
    const module = await moduleOf(reference);
    if (!isModule(module) || seen.has(module)) {
      return;
    }
    seen.add(module);
    if (isGlobal(module) && tokens.some(token => exportsOf(module).includes(token))) {
      found.push(module);
      return;
    }
    for (const imported of importsOf(module)) {
      await visit(imported);
    }
  };
  await visit(root);
  return found;
}

/**
 * Resolves a promise of a module, or a forward reference. The modules of this package do not exist yet, and are
 * skipped.
 */
async function moduleOf(reference: unknown): Promise<unknown> {
  if (reference instanceof LazyModule) {
    return undefined;
  }
  const forward = reference as { readonly forwardRef?: () => unknown } | null | undefined;
  return typeof forward?.forwardRef === 'function' ? forward.forwardRef() : await reference;
}

function isModule(module: unknown): module is DynamicModule | Type {
  return typeof module === 'function' || (typeof module === 'object' && module !== null);
}

function isGlobal(module: DynamicModule | Type): boolean {
  const isDynamic = typeof module !== 'function';
  const target = isDynamic ? module.module : module;
  return (
    (isDynamic && module.global === true) ||
    (typeof target === 'function' && Reflect.getMetadata(GLOBAL, target) === true)
  );
}

/** Returns the exported tokens; for an exported provider, its token. */
function exportsOf(module: DynamicModule | Type): readonly unknown[] {
  const isDynamic = typeof module !== 'function';
  const target = isDynamic ? module.module : module;
  const own = typeof target === 'function' ? Reflect.getMetadata(EXPORTS, target) : undefined;
  const all = [...((own ?? []) as unknown[]), ...((isDynamic && module.exports) || [])];
  return all.map(exported =>
    typeof exported === 'object' && exported !== null && 'provide' in exported
      ? exported.provide
      : exported,
  );
}
