import type { ExemplarReport, FamilyDeclaration, MetricsReport } from '../metrics.protocol.js';
import { decodeValue } from '../sample-value.js';
import { Family } from './family.js';
import { Group } from './group.js';
import type { Sample } from './sample.js';
import { type DeclaredFamily, type DeclaredGroup, WorkerMetrics } from './worker-metrics.js';

/** The most samples that a host keeps. @internal */
export const MAX_SAMPLES = 200_000;

/**
 * The metrics of all workers of a host. Counters and histograms of workers that have exited remain in the totals; their
 * gauges do not.
 *
 * `Client` identifies a worker.
 *
 * @internal
 */
export class MetricStore<Client extends object = object> {
  readonly #families = new Map<string, Family>();
  /** The family that was declared last, by its name: a reload may have changed its type. */
  readonly #byName = new Map<string, Family>();
  readonly #workers = new Map<Client, WorkerMetrics>();
  /** The groups that only exited workers have counted. */
  readonly #retired = new Map<Group, Family>();
  readonly #freeRows: number[] = [];
  #rows = 0;
  #ignored = 0;

  constructor(private readonly limit = MAX_SAMPLES) {}

  /** The families, each with at least one group. */
  get families(): readonly Family[] {
    return [...this.#byName.values()].filter(({ groups }) => groups.size > 0);
  }

  /** The workers that have reported and not exited. */
  get workers(): ReadonlyMap<Client, WorkerMetrics> {
    return this.#workers;
  }

  /** The number of samples. */
  get size(): number {
    return this.#rows - this.#freeRows.length;
  }

  /** The number of groups that were ignored, because there were too many samples. */
  get ignored(): number {
    return this.#ignored;
  }

  /** @param now monotonic milliseconds */
  apply(client: Client, report: MetricsReport, now: number): void {
    const worker = this.#workers.get(client) ?? new WorkerMetrics();
    this.#workers.set(client, worker);
    worker.reportedAt = now;
    report.removed?.forEach(number => this.#remove(worker, number));
    report.families?.forEach(declaration => {
      const declared = { family: this.#familyOf(declaration), declaration };
      worker.families.push(declared);
      this.#use(declared);
    });
    report.groups?.forEach(([family, labels]) => this.#declareGroup(worker, family, labels));
    const { values } = report;
    for (let index = 0; index < values.length; index += 2) {
      const number = values[index] as number;
      const declared = worker.samples.get(number);
      if (declared) {
        setValue(worker, declared.family, declared.sample, decodeValue(values[index + 1]!));
      }
    }
    report.exemplars?.forEach(exemplar => setExemplar(worker, exemplar));
  }

  /** The worker has exited. */
  retire(client: Client): void {
    const worker = this.#workers.get(client);
    if (!worker) {
      return;
    }
    this.#workers.delete(client);
    worker.groups.forEach(declared => {
      this.#release(worker, declared);
      if (declared.family.type === 'gauge') {
        this.#deleteUnheld(declared);
      } else if (!declared.group.isHeld) {
        this.#retired.set(declared.group, declared.family);
      }
    });
    this.#restoreDeclarations(worker);
  }

  #familyOf(declaration: FamilyDeclaration): Family {
    const key = keyOf(declaration);
    const family = this.#families.get(key) ?? new Family(declaration);
    this.#families.set(key, family);
    return family;
  }

  /** The newest code decides what a metric is. */
  #use({ family, declaration: { name, help, aggregator } }: DeclaredFamily): void {
    family.help = help;
    family.aggregator = aggregator;
    this.#byName.set(name, family);
  }

  /** If the worker that has exited had the newest code, as after a failed reload, the code of the others counts again. */
  #restoreDeclarations({ families }: WorkerMetrics): void {
    const newest = new Map<string, DeclaredFamily>();
    for (const worker of this.#workers.values()) {
      worker.families.forEach(declared => newest.set(declared.family.name, declared));
    }
    for (const { family } of families) {
      const declared = newest.get(family.name);
      if (declared) {
        this.#use(declared);
      }
    }
  }

  #declareGroup(worker: WorkerMetrics, familyNumber: number, labels: string): void {
    const number = worker.groupsDeclared++;
    const declared = worker.families[familyNumber];
    if (!declared) {
      return;
    }
    const {
      family,
      declaration: { points },
    } = declared;
    const first = worker.samplesDeclared;
    worker.samplesDeclared += points.length;
    if (!family.groups.has(labels) && !this.#hasRoom(points.length)) {
      this.#ignored++;
      return;
    }
    const group = family.groups.get(labels) ?? new Group(labels);
    family.groups.set(labels, group);
    this.#retired.delete(group);
    const samples = points.map(point => group.find(point) ?? group.add(point, this.#newRow()));
    samples.forEach((sample, index) => {
      sample.holders++;
      worker.samples.set(first + index, { family, sample });
    });
    worker.groups.set(number, { family, group, first, samples });
  }

  #remove(worker: WorkerMetrics, number: number): void {
    const declared = worker.groups.get(number);
    if (declared) {
      worker.groups.delete(number);
      declared.samples.forEach((_, index) => worker.samples.delete(declared.first + index));
      this.#release(worker, declared);
      this.#deleteUnheld(declared);
    }
  }

  #release(worker: WorkerMetrics, { samples }: DeclaredGroup): void {
    for (const sample of samples) {
      sample.holders--;
      worker.values.delete(sample);
    }
  }

  #deleteUnheld({ family, group }: Pick<DeclaredGroup, 'family' | 'group'>): void {
    if (!group.isHeld && family.groups.get(group.labels) === group) {
      family.groups.delete(group.labels);
      this.#retired.delete(group);
      group.samples.forEach(({ row }) => this.#freeRows.push(row));
    }
  }

  #newRow(): number {
    return this.#freeRows.pop() ?? this.#rows++;
  }

  #hasRoom(samples: number): boolean {
    if (this.size + samples > this.limit) {
      this.#deleteRetired();
    }
    return this.size + samples <= this.limit;
  }

  /** Deletes what only exited workers have counted. */
  #deleteRetired(): void {
    const families = new Set(this.#retired.values());
    this.#retired.forEach((family, group) => this.#deleteUnheld({ family, group }));
    for (const family of families) {
      if (family.groups.size === 0 && !this.#isDeclared(family)) {
        this.#families.delete(keyOf(family));
        if (this.#byName.get(family.name) === family) {
          this.#byName.delete(family.name);
        }
      }
    }
  }

  #isDeclared(family: Family): boolean {
    return [...this.#workers.values()].some(({ families }) =>
      families.some(declared => declared.family === family),
    );
  }
}

function keyOf({ type, name }: Pick<FamilyDeclaration, 'type' | 'name'>): string {
  return `${type} ${name}`;
}

function setValue(worker: WorkerMetrics, family: Family, sample: Sample, value: number): void {
  if (family.isCumulative(sample)) {
    if (!Number.isFinite(value)) {
      return;
    }
    const added = value - (worker.values.has(sample) ? worker.values.get(sample) : 0);
    // A sum may decrease, if negative values were observed.
    sample.total += sample.suffix === '_sum' ? added : Math.max(0, added);
  }
  worker.values.set(sample, value);
}

function setExemplar(
  worker: WorkerMetrics,
  [number, labels, value, timestamp]: ExemplarReport,
): void {
  const sample = worker.samples.get(number)?.sample;
  if (sample && timestamp >= (sample.exemplar?.timestamp ?? -Infinity)) {
    sample.exemplar = { labels, value, timestamp };
  }
}
