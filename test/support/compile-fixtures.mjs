// @ts-check
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';
import { appsDirectory } from './nest/nest-versions.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** @type {import('@swc/core').Options} */
const OPTIONS = {
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
  swcrc: false,
};

/**
 * Compiles the applications that tests start as processes. These run outside of Vitest, without a transform for
 * TypeScript. They import `nestjs-cluster` from `dist`.
 *
 * @param {string} from
 * @param {string} to
 */
export async function compileFixtures(
  from = join(root, 'test/fixtures/apps'),
  to = appsDirectory('12'),
) {
  const sources = await files(from);
  const outputs = await Promise.all(
    sources
      .filter(source => /\.(ts|mjs|cjs)$/.test(source) && !source.endsWith('.d.ts'))
      .map(async source => {
        const output = join(to, relative(from, source)).replace(/\.ts$/, '.js');
        const code = source.endsWith('.ts')
          ? (await transformFile(source, OPTIONS)).code
          : await readFile(source, 'utf8');
        // Unchanged files are not written again: another test run may be reading them.
        if (code !== (await readFile(output, 'utf8').catch(() => undefined))) {
          await mkdir(dirname(output), { recursive: true });
          await writeFile(output, code);
        }
        return output;
      }),
  );
  // A renamed fixture must not remain under its old name.
  const stale = (await files(to)).filter(file => /\.c?js$/.test(file) && !outputs.includes(file));
  await Promise.all(stale.map(file => rm(file)));
}

/**
 * @param {string} directory
 * @returns {Promise<string[]>} all files below; none if the directory does not exist
 */
async function files(directory) {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true }).catch(
    error => {
      if (error.code === 'ENOENT') {
        return [];
      }
      throw error;
    },
  );
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
}
