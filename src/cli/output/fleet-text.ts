import type {
  FleetHost,
  FleetStatus,
  RolloutResult,
  RolloutStep,
  UnknownFleetHost,
} from '../../model/fleet-status.interface.js';
import { plural } from '../../system/text/plural.js';
import { printable } from '../../system/text/printable.js';
import { duration } from './format.js';
import type { styler } from './style.js';
import { table } from './text-table.js';

const HEAD = [
  'host',
  'pid',
  'health',
  'workers',
  'generation',
  'uptime',
  'release',
  'nestjs-cluster',
  'last reload of all',
];

/** Returns the lines of the status of all hosts. @internal */
export function fleetText(
  { namespace, hosts, unknown }: FleetStatus,
  style: ReturnType<typeof styler>,
): readonly string[] {
  const [title = '', ...lines] = table([HEAD, ...hosts.map(row), ...unknown.map(unknownRow)], 9);
  const all = hosts.length + unknown.length;
  const healthy = hosts.filter(({ health }) => health === 'healthy').length;
  const colors = [
    ...hosts.map(({ health }) => (health === 'healthy' ? undefined : 'red')),
    ...unknown.map(() => 'yellow' as const),
  ] as const;
  return [
    style('bold', `${printable(namespace)}: ${healthy} of ${plural(all, 'host')} healthy`),
    '',
    style('dim', title),
    ...lines.map((line, index) => {
      const color = colors[index];
      return color ? style(color, line) : line;
    }),
  ];
}

/** Returns the line that tells what has happened to a host; `undefined` if there is nothing to tell. @internal */
export function stepText(step: RolloutStep): string | undefined {
  const { host, state, generation, why } = step;
  const name = `${printable(host.name)} (pid ${host.pid})`;
  const reason = why === undefined ? '' : `: ${printable(why, 1_000)}`;
  switch (state) {
    case 'waiting':
    case 'ordered':
      return undefined;
    case 'reloading':
      return `${name} reloads`;
    case 'reloaded': {
      const took = step.duration === undefined ? '' : ` in ${duration(step.duration)}`;
      return `${name} was reloaded to generation ${generation ?? '?'}${took}`;
    }
    case 'failed':
      return `${name} has failed${reason}`;
    case 'lost':
      return `${name} is lost, and the others are reloaded without it${reason}`;
    case 'skipped':
      return `${name} is skipped${reason}`;
    default:
      return `${name}: ${printable(state)}${reason}`;
  }
}

/** Returns the last line of a reload of all hosts. @internal */
export function rolloutText({ result, hosts }: RolloutResult): string {
  const inState = (state: RolloutStep['state']): number =>
    hosts.filter(host => host.state === state).length;
  const done = `${inState('reloaded')} of ${plural(hosts.length, 'host')} reloaded`;
  const parts = [
    ...(['failed', 'lost', 'skipped'] as const)
      .filter(state => inState(state) > 0)
      .map(state => `${inState(state)} ${state}`),
    ...(inState('waiting') > 0 ? [`${inState('waiting')} not touched`] : []),
  ];
  const text = [done, ...parts].join(', ');
  return result === 'done' ? `${text}.` : `The reload of all hosts has stopped: ${text}.`;
}

function row(host: FleetHost): readonly string[] {
  const { name, pid, isSelf, health, ready, wanted, generation, uptime, release, version } = host;
  return [
    printable(name) + (isSelf ? ' (this host)' : ''),
    String(pid),
    printable(health),
    host.mode === 'single' ? 'single mode' : `${ready} of ${wanted}`,
    String(generation),
    duration(uptime),
    printable(release),
    printable(version),
    printable(host.reload?.state ?? '-'),
  ];
}

function unknownRow({ id, name, pid, version }: UnknownFleetHost): readonly string[] {
  const unknown = ['unreadable', '-', '-', '-', '-'];
  return [
    printable(name ?? id),
    String(pid ?? '-'),
    ...unknown,
    version === undefined ? '-' : printable(version),
    '-',
  ];
}
