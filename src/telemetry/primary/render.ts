import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ServiceClient } from '../../ipc/primary-service.interface.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { familyLines } from './family-lines.js';
import { type HostFacts, hostMetrics } from './host-metrics.js';
import type { MetricStore } from './metric-store.js';
import type { TextFormat } from '../content-types.js';
import { ending, lineWriter } from './text-format.js';
import type { WorkerValues } from './worker-values.js';

/** Milliseconds after which other work of the primary has its turn. */
const SLICE_MILLISECONDS = 5;

/** How many pieces are made between two looks at the clock. */
const PIECES = 64;

/**
 * Returns the metrics of the host as text. Works in slices of 5 ms, so that the primary does not delay connections and
 * workers.
 *
 * @internal
 */
export async function render(format: TextFormat, facts: HostFacts): Promise<string> {
  const parts: string[] = [];
  let sliceEnd = monotonicNow() + SLICE_MILLISECONDS;
  for (const piece of pieces(format, facts)) {
    if (parts.push(piece) % PIECES === 0 && monotonicNow() > sliceEnd) {
      await nextTurn();
      sliceEnd = monotonicNow() + SLICE_MILLISECONDS;
    }
  }
  return parts.join('');
}

function* pieces(format: TextFormat, facts: HostFacts): Generator<string> {
  for (const [described, lines] of hostMetrics(facts)) {
    const writer = lineWriter(format, described);
    yield writer.header + [...lines].map(([line, value]) => writer.line(line, value)).join('');
  }
  const { store } = facts;
  for (const family of store.families) {
    // Again for each family: workers may come and go between two slices.
    yield* familyLines(family, format, inOrder(store));
  }
  yield ending(format);
}

/** Ready workers first, the newest of them first: `first` means what the newest code says. */
function inOrder({ workers }: MetricStore<ServiceClient>): WorkerValues[] {
  const all = [...workers].toReversed();
  return [
    ...all.filter(([{ state }]) => state === 'ready'),
    ...all.filter(([{ state }]) => state !== 'ready'),
  ].map(([, { values }]) => values);
}
