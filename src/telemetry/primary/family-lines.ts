import type { Family } from './family.js';
import type { Group } from './group.js';
import type { TextFormat } from '../content-types.js';
import { type LineWriter, lineWriter } from './text-format.js';
import type { WorkerValues } from './worker-values.js';

/**
 * Yields the text of a metric in pieces: its header, then one piece for each group.
 *
 * @param workers in the order in which `first` prefers them
 * @internal
 */
export function* familyLines(
  family: Family,
  format: TextFormat,
  workers: readonly WorkerValues[],
): Generator<string> {
  if (family.aggregator === 'omit') {
    return;
  }
  const writer = lineWriter(format, family);
  let header = writer.header;
  for (const group of family.groups.values()) {
    const text = groupLines(family, group, writer, workers);
    if (text !== '') {
      yield header + text;
      header = '';
    }
  }
}

function groupLines(
  family: Family,
  { samples }: Group,
  writer: LineWriter,
  workers: readonly WorkerValues[],
): string {
  let text = '';
  let lowerBucket = 0;
  for (const sample of samples) {
    let value = family.valueOf(sample, workers);
    if (value === undefined) {
      continue;
    }
    if (sample.suffix === '_bucket') {
      // After a reload with other bounds, old workers count in the old buckets only.
      value = Math.max(value, lowerBucket);
      lowerBucket = value;
    }
    text += writer.line(sample, value);
  }
  return text;
}
