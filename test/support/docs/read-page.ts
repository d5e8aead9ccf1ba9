import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The text of a page of `docs/`. */
export function readPage(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url)), 'utf8');
}
