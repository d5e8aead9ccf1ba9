import type { Script } from '../../../redis/lua-script.js';
import { stateScript } from './state-script.js';

/**
 * Short scripts for batches of one operation, by the name of the operation in the script for all batches. They handle the
 * simple case. A caller that waits for each answer before its next call would mostly wait for the definitions in the
 * other script.
 *
 * @internal
 */
export const LONE_SCRIPTS: ReadonlyMap<unknown, Script> = new Map([
  ['add', stateScript('lone', 'lone-add', 'lone-record')],
  ['set', stateScript('lone', 'lone-set', 'lone-record')],
  ['get', stateScript('result-limit', 'lone-get')],
  ['lockAcquire', stateScript('lone', 'lone-acquire', 'lone-record')],
  ['lockRelease', stateScript('lone', 'lone-release', 'lone-record')],
]);
