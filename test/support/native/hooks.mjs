/** Node's module hooks: they compile TypeScript, and replace `@jest/globals`, which only works inside a sandbox. */
import { createScriptTransformer } from '@jest/transform';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile } from './compile.mjs';

const GLOBALS = new URL('./globals.mjs', import.meta.url).href;

let transformer;

export async function initialize(config) {
  transformer = await createScriptTransformer(config, new Map());
}

export function resolve(specifier, context, next) {
  if (specifier === '@jest/globals') return { url: GLOBALS, shortCircuit: true };
  const source = sourceOf(specifier, context.parentURL);
  return source ? { url: source.href, shortCircuit: true } : next(specifier, context);
}

export function load(url, context, next) {
  return url.startsWith('file:') && url.endsWith('.ts')
    ? {
        format: 'module',
        source: compile(transformer, fileURLToPath(url)).code,
        shortCircuit: true,
      }
    : next(url, context);
}

/** The TypeScript file that a TypeScript file imports with the ending `.js`. */
function sourceOf(specifier, parent) {
  if (!parent?.endsWith('.ts') || !/^\.{1,2}\/.*\.js$/.test(specifier)) return undefined;
  const source = new URL(specifier.replace(/\.js$/, '.ts'), parent);
  return existsSync(source) ? source : undefined;
}
