import { pathToFileURL } from 'node:url';
import { appFile } from './paths.mjs';

const ROUNDS = 7;
const SAMPLE = 20_000_000;

/**
 * @param {number} milliseconds of CPU time
 * @returns {Promise<number>} the number of iterations of `apps/burn.ts` that take this long on this machine
 */
export async function iterationsFor(milliseconds) {
  const { burn } = await import(pathToFileURL(appFile('burn')).href);
  burn(SAMPLE);
  // The fastest round was not disturbed.
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    burn(SAMPLE);
    return process.cpuUsage(before).user / 1000;
  });
  return Math.round((SAMPLE / Math.min(...rounds)) * milliseconds);
}
