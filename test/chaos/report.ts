import { table } from '../../build/cli/output/text-table.js';
import type { ChaosResult } from './result.js';

const MOST_FAILURES = 20;

/** The result as text. */
export function report(result: ChaosResult): string {
  const { settings, duration, injected, clients, facts, violations, problems, passed } = result;
  const sections = [
    [
      `Backend ${settings.backend}, seed ${settings.seed}, ${(duration / 60_000).toFixed(1)} minutes, Node ${process.version}.`,
    ],
    table([
      ['fault', 'injected'],
      ...[...injected]
        .toSorted(([a], [b]) => a.localeCompare(b))
        .map(([name, n]) => [name, String(n)]),
    ]),
    table([
      ['', 'clients', 'answered', 'failed'],
      ...Object.entries(clients).map(([kind, { clients: count, answered, failed }]) => [
        kind,
        ...[count, answered, failed].map(value => value.toLocaleString('en-US')),
      ]),
    ]),
    [
      `Explained by faults (killed processes, no host running): ${counts(result.explained)}.`,
      `Steps of orders refused, definitely not applied: ${counts(result.refused)}.`,
      `Steps of orders that may have been applied: ${counts(result.ambiguous)}.`,
      ...facts,
    ],
    failureLines(result),
    violations,
    problems,
    [
      passed
        ? 'Passed: nothing was lost except in-flight requests of killed processes.'
        : 'FAILED.',
    ],
  ];
  return sections
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n');
}

function counts(map: ReadonlyMap<string, number>): string {
  return map.size === 0 ? 'none' : [...map].map(([name, count]) => `${count} × ${name}`).join(', ');
}

function failureLines({ failures }: ChaosResult): string[] {
  if (failures.length === 0) {
    return [];
  }
  return [
    `Failures that no fault explains: ${failures.length}.`,
    ...failures
      .slice(0, MOST_FAILURES)
      .map(({ client, kind, code, at, openedAt, reused }) =>
        [
          `  ${new Date(at).toISOString()} ${client} ${kind} (${code})`,
          reused ? 'on a reused connection' : 'on a new connection',
          openedAt === undefined ? '' : `begun ${at - openedAt} ms before`,
        ].join(' '),
      ),
  ];
}
