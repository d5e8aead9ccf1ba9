import type { Note } from '../support/application.js';

export interface Fault {
  readonly what: string;
  /** The process that was killed. */
  readonly pid?: number;
  readonly at: number;
}

export interface Evidence {
  readonly notes: readonly Note[];
  readonly faults: readonly Fault[];
  readonly onLoss: 'skip' | 'rerun';
  readonly jobs: number;
}

/** Milliseconds within which a killed worker may have claimed a tick. */
const KILL_WINDOW = 2_000;

/**
 * Counts the runs of each job at each second: with `skip`, none runs twice, and those that are missing were due when a
 * worker was killed; with `rerun`, none is missing, and none ends twice, unless a worker was killed when it had ended the
 * job and had not recorded that yet.
 */
export function judge({ notes, faults, onLoss, jobs }: Evidence): {
  readonly lines: readonly string[];
  readonly isGood: boolean;
} {
  const begins = countOf(notes, 'begins');
  const ends = countOf(notes, 'ends');
  const all = [...begins.keys()].map(key => Number(key.split(' ')[1]));
  // The first and the last seconds may be incomplete.
  const [first, last] = [Math.min(...all) + 2, Math.max(...all) - 2];
  const expected = Array.from({ length: jobs }, (_, job) =>
    Array.from({ length: last - first + 1 }, (__, index) => `job-${job} ${first + index}`),
  ).flat();
  const missing = expected.filter(key => !ends.has(key));
  const kills = faults.filter(({ what }) => what === 'kill');
  const isByKill = (key: string): boolean => {
    const dueAt = Number(key.split(' ')[1]) * 1_000;
    return kills.some(({ at }) => at >= dueAt - KILL_WINDOW && at <= dueAt + KILL_WINDOW);
  };
  const unexplained = missing.filter(key => onLoss === 'rerun' || !isByKill(key));
  const killedPids = new Set(kills.map(({ pid }) => pid));
  const isUnrecorded = (key: string): boolean =>
    onLoss === 'rerun' &&
    isByKill(key) &&
    notes.filter(note => note.what === 'ends' && keyOf(note) === key && !killedPids.has(note.pid))
      .length === 1;
  const repeated = [...(onLoss === 'skip' ? begins : ends)].filter(([, count]) => count > 1);
  const twice = repeated.filter(([key]) => !isUnrecorded(key));
  const unhandled = notes.filter(({ what }) => what === 'unhandled');
  const lines = [
    `${expected.length} runs expected; ${kills.length} kills, ${faults.length - kills.length} other faults`,
    `${missing.length} missing, of which ${unexplained.length} without a kill: ${unexplained.slice(0, 5).join(', ') || '–'}`,
    `${repeated.length} ran twice, of which ${twice.length} without a worker that was killed after the first run: ${
      twice
        .slice(0, 5)
        .map(([key]) => key)
        .join(', ') || '–'
    }`,
    ...unhandled.slice(0, 3).map(({ reason }) => `unhandled rejection: ${String(reason)}`),
  ];
  return { lines, isGood: unexplained.length + twice.length + unhandled.length === 0 };
}

function countOf(notes: readonly Note[], what: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const note of notes) {
    if (note.what === what) {
      const key = keyOf(note);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

function keyOf(note: Note): string {
  return `${String(note['name'])} ${String(note['second'])}`;
}
