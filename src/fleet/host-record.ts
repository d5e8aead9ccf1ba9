import { foreignFailureShape } from '../model/events/lifecycle.shapes.js';
import type {
  FleetHealth,
  FleetHost,
  FleetReload,
  UnknownFleetHost,
} from '../model/fleet-status.interface.js';
import type { HostStatus } from '../model/host-status.interface.js';
import { isRecord } from '../system/is-record.js';
import { enumeration, integer, literal, number, text } from '../validation/shape/scalars.js';
import { object, optional } from '../validation/shape/structures.js';
import type { Shape } from '../validation/shape/shape.js';

/**
 * The version of the records. It is raised when a host that knows the former one would misread a record; new properties do
 * not raise it.
 *
 * @internal
 */
export const RECORD_VERSION = 1;

/** What the primary knows about its host. All versions of the record have it. @internal */
export interface HostFacts extends Pick<FleetHost, 'id' | 'name' | 'pid' | 'version' | 'mode'> {
  readonly reload?: FleetReload | undefined;
}

/** What a host tells all others. Its id is the field of the map. @internal */
export type HostRecord = Omit<FleetHost, 'id' | 'isSelf' | 'health'> & {
  readonly v: typeof RECORD_VERSION;
};

const count = integer({ min: 0 });

/** The longest text in a record. */
const MAX_LINE = 300;

const line = text({ maxLength: MAX_LINE });

/** @internal */
export const modeShape: Shape<FleetHost['mode']> = enumeration<FleetHost['mode']>({
  cluster: true,
  single: true,
});

/** @internal */
export const reloadShape: Shape<FleetReload> = object<FleetReload>({
  token: count,
  state: enumeration<FleetReload['state']>({ running: true, done: true, failed: true }),
  generation: optional(count),
  duration: optional(number({ min: 0 })),
  why: optional(text()),
  worker: optional(foreignFailureShape),
});

const recordShape: Shape<HostRecord> = object<HostRecord>({
  v: literal(RECORD_VERSION),
  name: line,
  pid: count,
  version: line,
  release: line,
  mode: modeShape,
  generation: count,
  wanted: count,
  ready: count,
  uptime: number({ min: 0 }),
  reload: optional(reloadShape),
});

/** Returns the record of a host. @internal */
export function hostRecord(
  { name, pid, version, mode, reload }: HostFacts,
  { generation, wanted, ready, uptime }: HostStatus,
  release: string,
): HostRecord {
  return {
    v: RECORD_VERSION,
    name,
    pid,
    version,
    release: release.slice(0, MAX_LINE),
    mode,
    generation,
    wanted,
    ready,
    uptime,
    ...(reload && { reload }),
  };
}

/**
 * Returns the host that a record describes; of a record that this version cannot read, what every version has.
 *
 * @param self the id of the host of the caller
 * @internal
 */
export function readRecord(id: string, value: unknown, self: string): FleetHost | UnknownFleetHost {
  if (recordShape(value)) {
    return unknownHost(id, isRecord(value) ? value : {});
  }
  const { name, pid, version, release, mode, ...rest } = value as HostRecord;
  const { generation, wanted, ready, uptime, reload } = rest;
  return {
    id,
    name,
    pid,
    isSelf: id === self,
    version,
    release,
    mode,
    health: healthOf(rest),
    generation,
    wanted,
    ready,
    uptime,
    ...(reload && { reload }),
  };
}

/** Whether the record could be read. @internal */
export function isKnown(host: FleetHost | UnknownFleetHost): host is FleetHost {
  return 'health' in host;
}

/** Returns how a host is doing. @internal */
export function healthOf({ ready, wanted }: Pick<FleetHost, 'ready' | 'wanted'>): FleetHealth {
  if (ready >= wanted) {
    return 'healthy';
  }
  return ready > 0 ? 'degraded' : 'down';
}

function unknownHost(id: string, value: Record<string, unknown>): UnknownFleetHost {
  const { name, pid, version } = value;
  return {
    id,
    ...(!line(name) && { name: name as string }),
    ...(!count(pid) && { pid: pid as number }),
    ...(!line(version) && { version: version as string }),
  };
}
