import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SRC = fileURLToPath(new URL('../../../src/', import.meta.url));

/** The text of all files of a directory of `src/`, in one. */
export function sourceText(directory = ''): string {
  return readdirSync(join(SRC, directory), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => readFileSync(join(SRC, directory, name), 'utf8'))
    .join('\n');
}
