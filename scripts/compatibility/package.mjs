// @ts-check
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Packs the built package.
 *
 * @param {string} directory the directory for the tarball
 * @returns {Promise<string>} its path
 */
export async function packOurs(directory) {
  await run(root, ['npm', 'pack', '--ignore-scripts', '--pack-destination', directory]);
  const [tarball = ''] = (await readdir(directory)).filter(file => file.endsWith('.tgz'));
  return join(directory, tarball);
}

/**
 * Adds `<module>.forRoot()` to the imports of a module. The module must have imports.
 *
 * @param {string} file the file of the module
 * @param {string} module
 * @param {string} from
 */
export async function addToImports(file, module, from) {
  const source = await readFile(file, 'utf8');
  const changed = source.replace('imports: [', `imports: [${module}.forRoot(), `);
  await writeFile(file, `import { ${module} } from '${from}';\n${changed}`);
}
