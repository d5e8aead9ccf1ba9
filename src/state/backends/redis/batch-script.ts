import type { Script } from '../../../redis/lua-script.js';
import type { Operation, OperationName } from '../../operation.js';
import { stateScript } from './state-script.js';

/** The Lua files and their operations, in the order in which a script contains them. */
const PARTS = {
  values: ['get', 'has', 'set', 'setIfAbsent', 'replace', 'delete', 'ttl', 'expire'],
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
  'rate-limits': ['hit', 'hitPeek', 'hitReset'],
  throttlers: ['throttle'],
  caches: ['cacheGet', 'cacheSet', 'cacheDelete', 'cacheKeys', 'cacheClear'],
  locks: ['lockAcquire', 'lockRenew', 'lockRelease', 'lockHeld'],
  semaphores: ['permitAcquire', 'permitRenew', 'permitRelease'],
  histories: ['append', 'history', 'newest'],
  groups: ['groupJoin', 'groupTake', 'groupDone', 'groupMembers', 'groupInherit', 'groupLeave'],
  'history-upkeep': ['historyFacts', 'historyDelete', 'groupDelete'],
} as const satisfies Record<string, readonly OperationName[]>;

/** The files that another file depends on. */
const BASES: Readonly<Record<string, readonly string[]>> = {
  values: ['lifetimes', 'fields'],
  counters: ['lifetimes'],
  maps: ['fields'],
  locks: ['lock-queues'],
  semaphores: ['lock-queues'],
  histories: ['streams'],
  groups: ['streams'],
  'history-upkeep': ['streams'],
};

const partsOf = new Map<OperationName, string>(
  Object.entries(PARTS).flatMap(([part, names]) => names.map(name => [name, part] as const)),
);

const scripts = new Map<string, Script>();

/**
 * Returns the script for a batch. It contains only the parts that the operations need, because the server runs the
 * whole script each time, including definitions.
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
    script = stateScript('clock', 'replies', 'memory', 'result-limit', ...bases, ...parts, 'batch');
    scripts.set(name, script);
  }
  return script;
}
