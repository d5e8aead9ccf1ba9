import { CLIENT_KINDS, type ClientKind, STREAM_KINDS } from '../load/clients/client-kind.js';
import { type ReportedFailure, FAILURE_KINDS } from '../load/request-failure.js';
import type { Counts } from '../load/tally.js';
import type { ReloadRecord, VerifyResult } from './result.interface.js';
import { table } from '../../output/text-table.js';

/** The maximum number of failures that are shown with details. */
const MOST_FAILURES = 20;

const NAMES: Readonly<Record<ClientKind, string>> = {
  'keep-alive': 'keep-alive',
  'one-shot': 'one-shot',
  upload: 'slow upload',
  sse: 'event stream',
  websocket: 'WebSocket',
};

const PATH_FLAGS: Partial<Record<ClientKind, string>> = {
  upload: '--upload-path',
  sse: '--sse-path',
  websocket: '--ws-path',
};

/**
 * Returns the report of a verification as text.
 *
 * @internal
 */
export function report(result: VerifyResult): string {
  const { command, url, workers, duration } = result;
  const sections = [
    [
      `${command.join(' ')}: ${workers} workers${url === null ? '' : `, ${url}`}, ${seconds(duration)}`,
    ],
    requests(result),
    streams(result),
    disturbances(result),
    result.leftOut.map(kind => `Left out: ${NAMES[kind]}, without ${PATH_FLAGS[kind]}.`),
    failures(result),
    result.problems,
    [verdict(result)],
  ];
  return sections
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n');
}

function verdict({ passed, kills }: VerifyResult): string {
  if (!passed) {
    return 'FAILED.';
  }
  return kills > 0
    ? 'Passed: nothing was lost except in-flight requests of killed workers.'
    : 'Passed: nothing was lost.';
}

function requests({ clients }: VerifyResult): string[] {
  const head = [
    '',
    'clients',
    'answered',
    ...FAILURE_KINDS,
    'p50',
    'p99',
    'reload p50',
    'reload p99',
  ];
  const rows = present(clients, false).map(([name, counts]) => [
    NAMES[name],
    ...outcomes(counts),
    milliseconds(counts.atRest.p50),
    milliseconds(counts.atRest.p99),
    milliseconds(counts.duringReloads.p50),
    milliseconds(counts.duringReloads.p99),
  ]);
  return rows.length > 0 ? table([head, ...rows]) : [];
}

function streams({ clients }: VerifyResult): string[] {
  const head = ['', 'clients', 'connected', ...FAILURE_KINDS, 'ended cleanly'];
  const rows = present(clients, true).map(([name, counts]) => [
    NAMES[name],
    ...outcomes(counts),
    integer(counts.endedCleanly),
  ]);
  return rows.length > 0 ? table([head, ...rows]) : [];
}

function present(clients: VerifyResult['clients'], stay: boolean): [ClientKind, Counts][] {
  return CLIENT_KINDS.filter(kind => STREAM_KINDS.includes(kind) === stay).flatMap(kind => {
    const counts = clients[kind];
    return counts ? [[kind, counts]] : [];
  });
}

function outcomes({ clients, answered, failures: failed }: Counts): string[] {
  return [clients, answered, ...FAILURE_KINDS.map(kind => failed[kind])].map(integer);
}

function disturbances({ reloads, replacements, kills, clients }: VerifyResult): string[] {
  const cut = Object.values(clients).reduce((sum, { cutByKills }) => sum + cutByKills, 0);
  return [
    ...(reloads.length > 0 ? [reloadLine(reloads)] : []),
    ...reloads.flatMap(({ outcome, duration, error }, index) =>
      outcome === 'done'
        ? []
        : [
            `  reload ${index + 1}: ${outcome} after ${seconds(duration)}${error ? `: ${error}` : ''}`,
          ],
    ),
    ...(replacements > 0 ? [`Replacements of one worker: ${replacements}.`] : []),
    ...(kills > 0
      ? [
          `Workers killed: ${kills}. They had ${cut} in-flight requests and connections, which are not counted above.`,
        ]
      : []),
  ];
}

function reloadLine(reloads: readonly ReloadRecord[]): string {
  const done = reloads.filter(({ outcome }) => outcome === 'done');
  const took = done.map(({ duration }) => duration).toSorted((a, b) => a - b);
  const [first] = took;
  const median = took[Math.floor(took.length / 2)];
  const last = took.at(-1);
  const times =
    first === undefined || median === undefined || last === undefined
      ? ''
      : `; fastest ${seconds(first)}, median ${seconds(median)}, slowest ${seconds(last)}`;
  return `Reloads: ${done.length} of ${reloads.length} done${times}.`;
}

function failures({ failures: all, clients }: VerifyResult): string[] {
  const count = Object.values(clients)
    .flatMap(counts => Object.values(counts.failures))
    .reduce((sum, failed) => sum + failed, 0);
  if (count === 0) {
    return [];
  }
  return [
    count > MOST_FAILURES ? `The first ${MOST_FAILURES} of ${count} failures:` : 'Failures:',
    ...table(all.slice(0, MOST_FAILURES).map(failureRow)).map(line => `  ${line}`),
  ];
}

function failureRow({
  client,
  kind,
  at,
  reused,
  openedAt,
  code,
  sinceKill,
}: ReportedFailure): string[] {
  return [
    new Date(at).toISOString(),
    NAMES[client],
    kind,
    reused ? 'reused connection' : 'new connection',
    openedAt === undefined ? '' : `opened ${at - openedAt} ms before`,
    sinceKill === undefined ? '' : `${sinceKill} ms after a kill`,
    code,
  ];
}

function integer(count: number): string {
  return count.toLocaleString('en-US');
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(1)} ms`;
}

function seconds(value: number): string {
  return `${(value / 1_000).toFixed(1)} s`;
}
