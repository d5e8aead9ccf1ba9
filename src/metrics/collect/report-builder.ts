import type {
  ExemplarReport,
  FamilyDeclaration,
  MetricsReport,
  SampleValue,
} from '../../telemetry/metrics.protocol.js';

/** The size of a report after which the rest goes into another one: connections share the channel with reports. */
const MAX_ITEMS = 4_000;

interface OpenReport {
  readonly type: 'metricsReport';
  readonly families: FamilyDeclaration[];
  readonly groups: (readonly [number, string])[];
  readonly removed: number[];
  readonly values: SampleValue[];
  readonly exemplars: ExemplarReport[];
}

/**
 * Collects what has changed, in one report or more, and numbers families, groups and samples.
 *
 * @internal
 */
export class ReportBuilder {
  #families = 0;
  /** The last declaration of each name. */
  readonly #lastFamilies = new Map<string, { readonly text: string; readonly number: number }>();
  #groups = 0;
  #samples = 0;
  #items = 0;
  #reports: OpenReport[] = [];

  /** Returns its number. A metric that was registered anew keeps the number, unless its declaration is another one. */
  addFamily(family: FamilyDeclaration): number {
    const text = JSON.stringify(family);
    const last = this.#lastFamilies.get(family.name);
    if (last?.text === text) {
      return last.number;
    }
    const number = this.#families++;
    this.#lastFamilies.set(family.name, { text, number });
    this.#report.families.push(family);
    return number;
  }

  /** Returns its number, and that of the first of its samples. */
  addGroup(
    family: number,
    labels: string,
    samples: number,
  ): { readonly number: number; readonly firstSample: number } {
    this.#report.groups.push([family, labels]);
    const added = { number: this.#groups++, firstSample: this.#samples };
    this.#samples += samples;
    return added;
  }

  removeGroup(group: number): void {
    this.#report.removed.push(group);
  }

  addValue(sample: number, value: SampleValue): void {
    this.#report.values.push(sample, value);
  }

  addExemplar(exemplar: ExemplarReport): void {
    this.#report.exemplars.push(exemplar);
  }

  /** Returns the reports so far, and begins new ones. */
  take(): MetricsReport[] {
    const reports = this.#reports;
    this.#reports = [];
    this.#items = 0;
    return reports.map(({ type, values, ...rest }) => ({
      type,
      values,
      ...Object.fromEntries(Object.entries(rest).filter(([, items]) => items.length > 0)),
    }));
  }

  get #report(): OpenReport {
    let report = this.#reports.at(-1);
    if (!report || this.#items++ >= MAX_ITEMS) {
      this.#items = 0;
      const none = { families: [], groups: [], removed: [], values: [], exemplars: [] };
      report = { type: 'metricsReport', ...none };
      this.#reports.push(report);
    }
    return report;
  }
}
