import { releaseName } from '../config/release.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import type { FleetHost, FleetStatus } from '../model/fleet-status.interface.js';
import type { Host } from '../runtime/host.interface.js';
import type { SharedState } from '../state/shared-state.js';
import { fleetProtocol } from './fleet.protocol.js';
import { FleetRegistry } from './fleet-registry.js';
import { hostRecord, readRecord } from './host-record.js';

/** Milliseconds within which the primary must answer. */
const TIMEOUT = 5_000;

const NOBODY: Pick<FleetStatus, 'hosts' | 'unknown'> = { hosts: [], unknown: [] };

/**
 * Returns all hosts of the namespace; without Redis, this one only.
 *
 * @throws StateUnavailableError if Redis does not answer, PrimaryUnreachableError if the primary does not
 * @internal
 */
export async function readFleet(
  options: Pick<ResolvedClusterOptions, 'namespace' | 'redis' | 'release'>,
  host: Pick<Host, 'channel' | 'status'>,
  state: Pick<SharedState, 'map'>,
): Promise<FleetStatus> {
  const { namespace, redis } = options;
  const channel = host.channel.open(fleetProtocol, () => {});
  try {
    const [facts, status, others] = await Promise.all([
      channel.ask('fleetSelf', null, TIMEOUT),
      host.status(),
      redis ? new FleetRegistry(state).all('') : NOBODY,
    ]);
    const { id } = facts;
    const place = others.hosts.findIndex(each => each.id === id);
    const release = others.hosts[place]?.release ?? releaseName(options);
    // Everything else that this host knows about itself is newer than its record.
    const self = readRecord(id, hostRecord(facts, status, release), id) as FleetHost;
    const hosts = place === -1 ? [...others.hosts, self] : others.hosts.with(place, self);
    return { namespace, hosts, unknown: others.unknown };
  } finally {
    channel.close();
  }
}
