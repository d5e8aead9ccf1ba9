import { pathToFileURL } from 'node:url';
import { appFile } from './paths.mjs';

/**
 * @param {string} name a file of `bench/apps`, without its extension
 * @returns {Promise<any>} what it exports; it has been compiled before
 */
export function importApp(name) {
  return import(pathToFileURL(appFile(name)).href);
}
