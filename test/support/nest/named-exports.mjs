// @ts-check
import { createRequire } from 'node:module';
import { join } from 'node:path';

const NAMESPACE = 'named-exports';

/**
 * Adds the named exports that Node would find to CommonJS entry points, such as all packages of Nest 11. esbuild
 * adds a default export only.
 *
 * @param {string} from the directory of the installed packages
 * @returns {import('esbuild').Plugin}
 */
export function namedExports(from) {
  const require = createRequire(join(from, 'package.json'));
  return {
    name: NAMESPACE,
    setup(build) {
      build.onResolve({ filter: /^@nestjs\// }, ({ path, kind }) => {
        if (kind !== 'entry-point' || !isCommonJs(require.resolve(path))) {
          return undefined;
        }
        return { path, namespace: NAMESPACE };
      });
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => {
        const names = Object.keys(require(path)).filter(name => name !== 'default');
        return {
          contents: `export { ${names.join(', ')} } from '${path}';`,
          resolveDir: from,
        };
      });
    },
  };

  /** @param {string} file */
  function isCommonJs(file) {
    const [directory] = /^.*\/node_modules\/@nestjs\/[^/]+/.exec(file) ?? [];
    return require(`${directory}/package.json`).type !== 'module';
  }
}
