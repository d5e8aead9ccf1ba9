import type { FleetHost, FleetStatus, UnknownFleetHost } from '../model/fleet-status.interface.js';
import type { SharedState } from '../state/shared-state.js';
import { HOSTS_MAP, RECORD_TTL } from './fleet-names.js';
import { type HostRecord, isKnown, readRecord } from './host-record.js';

/**
 * The records of all hosts of the namespace, in Redis. The record of a host that does not renew it expires, by the clock
 * of the server.
 *
 * @internal
 */
export class FleetRegistry {
  constructor(private readonly state: Pick<SharedState, 'map'>) {}

  /** @throws StateUnavailableError */
  async write(id: string, record: HostRecord): Promise<void> {
    await this.#map.set(id, record, { ttl: RECORD_TTL });
  }

  /** @throws StateUnavailableError */
  async remove(id: string): Promise<void> {
    await this.#map.delete(id);
  }

  /**
   * Returns all hosts, by name and process id.
   *
   * @param self the id of the host of the caller
   * @throws StateUnavailableError
   */
  async all(self: string): Promise<Pick<FleetStatus, 'hosts' | 'unknown'>> {
    const entries = await this.#map.entries();
    const found = entries.map(([id, value]) => readRecord(id, value, self));
    return {
      hosts: found.filter(isKnown).toSorted(byName),
      unknown: found.filter(host => !isKnown(host)).toSorted(byName),
    };
  }

  /** Returns those of the hosts that have a record. @throws StateUnavailableError */
  async some(ids: readonly string[], self: string): Promise<readonly FleetHost[]> {
    const values = await Promise.all(ids.map(id => this.#map.get(id)));
    return values.flatMap((value, index) => {
      const host = value === undefined ? undefined : readRecord(ids[index]!, value, self);
      return host && isKnown(host) ? [host] : [];
    });
  }

  get #map() {
    return this.state.map(HOSTS_MAP);
  }
}

type Named = Pick<UnknownFleetHost, 'id' | 'name' | 'pid'>;

function byName(one: Named, other: Named): number {
  return (
    (one.name ?? '').localeCompare(other.name ?? '') ||
    (one.pid ?? 0) - (other.pid ?? 0) ||
    one.id.localeCompare(other.id)
  );
}
