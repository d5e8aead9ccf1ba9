import { printable } from '../system/text/printable.js';
import type { ControlRefusalCode, ControlReply } from './control-messages.js';

/** Texts of the control socket, for its clients and for the log of the host. @internal */
export const controlTexts = {
  unavailable: (reasons: readonly string[]) =>
    `The control socket could not be opened, so npx nestjs-cluster cannot reach this host; everything else works. ${reasons.join('; ')}. ` +
    'Set CLUSTER_CONTROL to a directory that only the user of this host can open (mode 0700), or to false',
  broken: (why: string) => `The control socket has failed: ${why}`,
  tooLong: (directory: string) => `${directory} is too long for the path of a Unix socket`,
  unusable: (directory: string, why: string) => `${directory} ${why}`,
  unknown: (name: string, known: readonly string[]) =>
    `Unknown request "${printable(name, 60)}". This host knows: ${known.join(', ')}`,
  eitherWorkersOrBy: () => 'scale needs either workers or by',
  impossibleScale: (now: number, wanted: number, max: number) =>
    `There are ${now} workers, and ${wanted} are not possible: 1 to ${max}`,
  noSlot: (slot: number, slots: number) =>
    `There is no slot ${slot}: the host has the slots 0 to ${slots - 1}`,
  noWorker: () => 'No worker answers: none is ready, or their event loops are blocked',
  noJobs: () => 'The application does not import ClusterScheduleModule of nestjs-cluster/schedule',
  noDoctor: () => 'The doctor is switched off (doctor: false), or has one worker to look at',
  noMetrics: () => 'The application does not import ClusterMetricsModule of nestjs-cluster/metrics',
  noRedis: () =>
    'This host does not know others: it has no Redis. Set the option redis, or CLUSTER_REDIS_URL, on all hosts of the namespace; ' +
    'or run the command on each host without --all',
  stopping: () => 'The host is stopping',
  failed: (what: string, why: string) => `The ${what} failed: ${why}`,
};

/** Why the primary closes a connection. */
const REFUSALS: Readonly<Record<ControlRefusalCode, string>> = {
  CONTROL_MALFORMED: 'A request is a line of JSON with id, a whole number, and request, a name',
  CONTROL_TOO_LONG: 'A request is longer than 64 KiB',
  CONTROL_TOO_MANY_CONNECTIONS: 'There are too many connections to this host',
  CONTROL_TOO_MANY_REQUESTS: 'Too many requests of this connection wait for their answers',
};

/** Returns the last line of a connection that the primary closes. @internal */
export function refusal(code: ControlRefusalCode): ControlReply {
  return { type: 'refused', error: { code, message: REFUSALS[code] } };
}
