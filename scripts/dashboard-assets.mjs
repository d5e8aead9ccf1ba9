import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { VENDORED } from './vendor-dashboard.mjs';

const ASSETS = fileURLToPath(new URL('../src/dashboard/assets/', import.meta.url));
const MINIFIED = new Set(VENDORED.map(({ name }) => `${name}.js`));

/**
 * Returns an asset of the dashboard as the package has it: without comments and indentation. The sources work as they
 * are, too.
 */
export async function packedAsset(name, text) {
  const loader = name.split('.').at(-1);
  if (MINIFIED.has(name) || !['js', 'css'].includes(loader)) {
    return text;
  }
  const { code } = await transform(text, { loader, minify: true, target: ['es2023', 'chrome123'] });
  // Line breaks remain in templates only, where indentation does not count; nor do they between elements.
  return loader === 'js'
    ? code.replaceAll(/\n\s*/g, '\n').replaceAll(/(?<=[>}])\n(?=<)|(?<=>)\n(?=\$)/g, '')
    : code;
}

/** Writes all assets of the dashboard to a directory. */
export async function packAssets(directory) {
  await mkdir(directory, { recursive: true });
  for (const name of await readdir(ASSETS)) {
    const text = await readFile(`${ASSETS}${name}`, 'utf8');
    await writeFile(`${directory}/${name}`, await packedAsset(name, text));
  }
}
