import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Answer } from './prober.js';

export const ENDPOINTS = ['live', 'ready', 'startup'] as const;

export type Endpoint = (typeof ENDPOINTS)[number];

/** The successive answers of each endpoint. */
export type Answers = Readonly<Record<Endpoint, readonly Answer[]>>;

const page = fileURLToPath(new URL('../../docs/health.md', import.meta.url));

/** The table of docs/health.md: the answers of the probes, by event. */
export function healthTable(): Map<string, Answers> {
  const text = readFileSync(page, 'utf8');
  const [, section = ''] = text.split('## What the probes say\n');
  const rows = section
    .split('\n## ')[0]!
    .split('\n')
    .filter(line => line.startsWith('|'))
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    )
    // Without the header row and the row below it.
    .slice(2);
  return new Map(
    rows.map(([what = '', ...cells]) => [
      what,
      Object.fromEntries(
        ENDPOINTS.map((endpoint, place) => [endpoint, answersOf(cells[place] ?? '')]),
      ) as unknown as Answers,
    ]),
  );
}

function answersOf(cell: string): Answer[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, answer]) => answer as Answer);
}
