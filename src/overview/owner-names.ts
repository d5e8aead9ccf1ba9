import { hostname } from 'node:os';
import type { Sender } from '../bus/membership/bus-member.interface.js';
import { clientOf } from '../state/client/lock-owner.js';
import type { StateClientOwner } from './overview.protocol.js';

/**
 * Returns what tells people who the owner of a lock is: `slot 2 (pid 123) of web-1` if that is known.
 *
 * @param own the clients of the workers of this host
 * @param members the members of the bus, on all hosts
 * @internal
 */
export function ownerNames(
  own: readonly StateClientOwner[],
  members: readonly Sender[],
): (owner: string) => string {
  const here = hostname();
  const places = new Map([
    ...members.map(
      ({ member, slot, pid, host }) => [member, place(slot, pid, machineOf(host))] as const,
    ),
    ...own.map(([client, slot, pid]) => [client, place(slot, pid, here)] as const),
  ]);
  return owner => {
    const client = clientOf(owner);
    return places.get(client) ?? `client ${client}`;
  };
}

function place(slot: number, pid: number, host: string): string {
  return slot < 0 ? `spare (pid ${pid}) of ${host}` : `slot ${slot} (pid ${pid}) of ${host}`;
}

/** The host of a member is the name of the machine and the process id of the primary. */
function machineOf(host: string): string {
  return host.replace(/:\d+$/, '');
}
