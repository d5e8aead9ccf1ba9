import type { ControlHello } from '../../control/control-messages.js';
import type { HostStatus, WorkerStatus } from '../../model/host-status.interface.js';
import { plural } from '../../system/text/plural.js';
import { printable } from '../../system/text/printable.js';
import { duration, grouped, megabytes, percent, slotName } from './format.js';
import type { Style, styler } from './style.js';
import { table } from './text-table.js';

const HEAD = ['slot', 'pid', 'generation', 'state', 'uptime', 'restarts', 'memory', 'requests'];

/** What the status shows beside the status itself. @internal */
export interface StatusTerms {
  readonly hello: ControlHello;
  readonly style: ReturnType<typeof styler>;
  /** The time in ms since the epoch. */
  readonly now: number;
  /** Requests per second of each worker, by its process id. */
  readonly rates?: ReadonlyMap<number, number> | undefined;
}

/** Returns the lines of a status. @internal */
export function statusText(status: HostStatus, terms: StatusTerms): readonly string[] {
  const { hello, style, rates } = terms;
  const workers = [...status.workers, ...status.spares];
  const head = [...HEAD, ...(rates ? ['req/s'] : []), 'delay', 'busy'];
  const [title = '', ...lines] = table([head, ...workers.map(worker => row(worker, rates))], 0);
  return [
    style('bold', headline(status, hello)),
    '',
    style('dim', title),
    ...lines.map((line, index) => styled(line, styleOf(workers[index]!), style)),
    ...workers.flatMap(worker => lastExit(worker, terms)),
  ];
}

function headline(status: HostStatus, { name, pid, version }: ControlHello): string {
  const { state, uptime, generation, ready, wanted, recentRestarts } = status;
  return [
    `${printable(name)} (pid ${pid}, nestjs-cluster ${printable(version)}): ${printable(state)} for ${duration(uptime)}`,
    `generation ${generation}`,
    `${ready} of ${plural(wanted, 'worker')} ready`,
    ...(recentRestarts > 0 ? [`${plural(recentRestarts, 'restart')} in the last minute`] : []),
  ].join(', ');
}

function row(worker: WorkerStatus, rates: StatusTerms['rates']): readonly string[] {
  const { slot, pid, generation, uptime, restarts, vitals } = worker;
  const rate = rates?.get(pid);
  return [
    slotName(slot),
    String(pid),
    String(generation),
    printable(stateOf(worker)),
    duration(uptime),
    String(restarts),
    vitals ? megabytes(vitals.memory) : '-',
    vitals ? grouped(vitals.requests) : '-',
    ...(rates ? [rate === undefined ? '-' : rate.toFixed(rate < 10 ? 1 : 0)] : []),
    delayOf(worker),
    vitals ? percent(vitals.eventLoopUtilization) : '-',
  ];
}

function stateOf({ state, serves, isOverloaded, isOutputPaused }: WorkerStatus): string {
  if (state !== 'ready') {
    return state;
  }
  if (!serves) {
    return 'hung';
  }
  return isOverloaded ? 'overloaded' : isOutputPaused ? 'output paused' : state;
}

/** The delay of the event loop; of a blocked one, for how long it has been blocked. */
function delayOf({ vitals, heartbeatOverdue }: WorkerStatus): string {
  if (heartbeatOverdue !== undefined) {
    return `> ${duration(heartbeatOverdue)}`;
  }
  return vitals ? duration(vitals.eventLoopDelayP99) : '-';
}

function styleOf(worker: WorkerStatus): Style | undefined {
  const state = stateOf(worker);
  if (state === 'ready' || state === 'standby') {
    return undefined;
  }
  return state === 'booting' || state === 'draining' ? 'yellow' : 'red';
}

function styled(line: string, style: Style | undefined, apply: StatusTerms['style']): string {
  return style ? apply(style, line) : line;
}

/** How the last worker of a slot ended, if it was no planned end. */
function lastExit({ slot, lastExit: exit }: WorkerStatus, { now }: StatusTerms): readonly string[] {
  if (!exit || exit.reason === 'left') {
    return [];
  }
  const how = exit.signal ? `by ${exit.signal}` : `with code ${exit.code}`;
  const error = exit.error === undefined ? '' : `: ${printable(exit.error)}`;
  const ago = duration(Math.max(0, now - exit.at));
  return [
    `slot ${slot}: its last worker ended ${ago} ago (${printable(exit.reason)}) ${how}${error}`,
  ];
}
