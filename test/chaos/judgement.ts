import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Receipts } from './receipts.js';

/** Maximum milliseconds after the load until all events of the durable topic are handled. */
const CATCH_UP_MILLISECONDS = 30_000;
const LOOK_MILLISECONDS = 200;

/** The maximum number of examples in a message about violations. */
const EXAMPLES = 3;

/** A line of the record `till`: a worker enters or leaves the critical section. */
interface TillLine {
  readonly pid: number;
  readonly what: 'enter' | 'leave';
  readonly token: number;
  readonly held?: boolean;
}

interface BookLine {
  readonly pid: number;
  readonly id?: string;
  readonly gap?: object;
}

export interface Judgement {
  /** The violations, as sentences. */
  readonly violations: readonly string[];
  /** The checks that were made, as sentences. */
  readonly facts: readonly string[];
}

/** The counter: every acknowledged increment counts once, and apart from these, only ambiguous increments count. */
export function judgeCounter(receipts: Receipts, count: number): Judgement {
  const { counted, maybeCounted } = receipts;
  const distinct = new Set(counted).size;
  const most = counted.length + maybeCounted;
  return {
    facts: [
      `Counter: ${counted.length} acknowledged increments, ${maybeCounted} that may have been applied, final value ${count}.`,
    ],
    violations: [
      ...(distinct < counted.length
        ? [`${counted.length - distinct} increments returned a value that another one returned.`]
        : []),
      ...(count < counted.length
        ? [`${counted.length - count} acknowledged increments are lost.`]
        : []),
      ...(count > most ? [`${count - most} increments were applied more than once.`] : []),
    ],
  };
}

/**
 * The lock: no two holders at a time. A killed holder never leaves. A holder whose process was suspended for longer
 * than its lease cannot know that it has lost the lock, but its token is lower.
 */
export async function judgeLock(
  directory: string,
  pausedPids: ReadonlySet<number>,
): Promise<Judgement> {
  const lines = await readRecord<TillLine>(directory, 'till');
  const inside = new Map<number, number>();
  const overlapping: [older: number, newer: number][] = [];
  const lost = new Set<number>();
  const pids = new Map<number, number>();
  const repeated: number[] = [];
  for (const { what, token, pid, held } of lines) {
    if (what === 'leave') {
      inside.delete(token);
      if (held === false) {
        lost.add(token);
      }
      continue;
    }
    if (pids.has(token)) {
      repeated.push(token);
    }
    pids.set(token, pid);
    overlapping.push(...[...inside.keys()].map(other => [other, token] as [number, number]));
    inside.set(token, pid);
  }
  const excusable = (token: number): boolean =>
    // Still in the section at the end: its process was killed there.
    inside.has(token) || lost.has(token) || pausedPids.has(pids.get(token)!);
  const violations = overlapping.filter(([older, newer]) => !excusable(older) && !excusable(newer));
  return {
    facts: [
      `Lock: held ${pids.size} times, lost with notice ${lost.size} times, ${inside.size} holders killed.`,
    ],
    violations: [
      ...(violations.length > 0
        ? [
            `The lock had two holders ${violations.length} times: tokens ${violations.slice(0, EXAMPLES).join('; ')}.`,
          ]
        : []),
      ...(repeated.length > 0
        ? [`Tokens were given twice: ${repeated.slice(0, EXAMPLES).join(', ')}.`]
        : []),
    ],
  };
}

/** The durable topic: the group handles every confirmed event at least once. */
export async function judgeTopic(
  directory: string,
  receipts: Receipts,
  patience = CATCH_UP_MILLISECONDS,
): Promise<Judgement> {
  const deadline = performance.now() + patience;
  for (;;) {
    const lines = await readRecord<BookLine>(directory, 'books');
    const handled = lines.flatMap(({ id }) => (id === undefined ? [] : [id]));
    const gaps = lines.filter(({ gap }) => gap !== undefined);
    const distinct = new Set(handled);
    const missing = [...receipts.published].filter(id => !distinct.has(id));
    if (missing.length === 0 || performance.now() > deadline) {
      return {
        facts: [
          `Durable topic: ${receipts.published.size} confirmed events, ${handled.length} handled, ${handled.length - distinct.size} of them again after a failure, ${gaps.length} gaps.`,
        ],
        violations: [
          ...(missing.length > 0
            ? [
                `${missing.length} confirmed events were not handled: ${missing.slice(0, EXAMPLES).join(', ')}.`,
              ]
            : []),
          ...(gaps.length > 0
            ? [`Gaps were reported: ${JSON.stringify(gaps.slice(0, EXAMPLES))}.`]
            : []),
        ],
      };
    }
    await delay(LOOK_MILLISECONDS);
  }
}

async function readRecord<Line>(directory: string, name: string): Promise<Line[]> {
  const text = await readFile(join(directory, name), 'utf8').catch(() => '');
  // A process that was killed while it wrote may leave an incomplete line.
  return text.split('\n').flatMap(line => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Line];
    } catch {
      return [];
    }
  });
}
