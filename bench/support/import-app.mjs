import { pathToFileURL } from 'node:url';
import { appFile } from './paths.mjs';

/**
 * @param {string} name a file of `bench/apps`, without its extension
 * @returns {Promise<any>} its exports; the file must have been compiled
 */
export function importApp(name) {
  return import(pathToFileURL(appFile(name)).href);
}
