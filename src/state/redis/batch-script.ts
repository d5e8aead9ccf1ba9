import type { Script } from '../../redis/script.js';
import type { Operation, OperationName } from '../operation.js';
import { stateScript } from './state-script.js';

/** In which file each operation is, in the order in which they stand in a script. */
const PARTS = {
  values: ['get', 'has', 'set', 'setIfAbsent', 'replace', 'delete'],
  counters: ['increment'],
  maps: ['mapGet', 'mapHas', 'mapSet', 'mapDelete', 'mapIncrement', 'mapEntries', 'mapSize'],
  leaderboards: [
    'scoreSet',
    'scoreIncrement',
    'scoreRemove',
    'scoreGet',
    'scoreRank',
    'scoreTop',
    'scoreSize',
  ],
  'rate-limits': ['hit'],
  locks: ['lockAcquire', 'lockRenew', 'lockRelease', 'lockHeld'],
} as const satisfies Record<string, readonly OperationName[]>;

const partsOf = new Map<OperationName, string>(
  Object.entries(PARTS).flatMap(([part, names]) => names.map(name => [name, part] as const)),
);

const scripts = new Map<string, Script>();

/**
 * The script for a batch, with no more in it than its operations need: a server runs all of it each time,
 * definitions too.
 *
 * @internal
 */
export function batchScript(operations: readonly Operation[]): Script {
  const parts =
    operations.length === 1
      ? [partsOf.get(operations[0]!.name)!]
      : [...new Set(operations.map(({ name }) => partsOf.get(name)!))].toSorted();
  const name = parts.join();
  let script = scripts.get(name);
  if (!script) {
    script = stateScript('clock', 'replies', 'memory', ...parts, 'batch');
    scripts.set(name, script);
  }
  return script;
}
