import type { Script } from '../../../redis/lua-script.js';
import type { Operation, OperationName } from '../../operation.js';
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
  histories: ['append', 'history', 'newest'],
  groups: ['groupJoin', 'groupTake', 'groupDone', 'groupMembers', 'groupInherit', 'groupLeave'],
} as const satisfies Record<string, readonly OperationName[]>;

/** What stands before a part that is made of it. */
const BASES: Readonly<Record<string, string>> = {
  values: 'lifetimes',
  counters: 'lifetimes',
  histories: 'streams',
  groups: 'streams',
};

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
    const bases = new Set(parts.flatMap(part => BASES[part] ?? []));
    script = stateScript('clock', 'replies', 'memory', ...bases, ...parts, 'batch');
    scripts.set(name, script);
  }
  return script;
}
