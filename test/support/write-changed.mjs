// @ts-check
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * @param {string} file
 * @param {object} content
 */
export function writeJson(file, content) {
  return writeChanged(file, JSON.stringify(content));
}

/**
 * @param {string} file
 * @param {string} text
 */
export async function writeChanged(file, text) {
  if (text !== (await readFile(file, 'utf8').catch(() => undefined))) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
