import { Registry } from 'prom-client';
import { RegistryScan } from '../../src/metrics/collect/registry-scan.js';
import { metricsProtocol, type MetricsReport } from '../../src/telemetry/metrics.protocol.js';
import { familyLines } from '../../src/telemetry/primary/family-lines.js';
import { MetricStore } from '../../src/telemetry/primary/metric-store.js';
import { ending } from '../../src/telemetry/primary/text-format.js';
import type { TextFormat } from '../../src/telemetry/content-types.js';

/** A worker with a registry of its own, whose reports pass the validation of the primary. */
export class ReportingWorker {
  readonly registry = new Registry();
  readonly warnings: string[] = [];
  readonly scan = new RegistryScan({ warn: (text: string) => this.warnings.push(text) }, 20);
  readonly reports: MetricsReport[] = [];

  constructor(private readonly store: MetricStore) {
    this.scan.add(this.registry);
  }

  async report(now = 0): Promise<void> {
    for (const report of await this.scan.changes()) {
      const received = JSON.parse(JSON.stringify(report)) as MetricsReport;
      const mismatch = metricsProtocol.toPrimary.metricsReport(received);
      if (mismatch) {
        throw new Error(JSON.stringify(mismatch));
      }
      this.reports.push(received);
      this.store.apply(this, received, now);
    }
  }

  exit(): void {
    this.store.retire(this);
  }
}

/** The text of all metrics of the workers. */
export function textOf(store: MetricStore, format: TextFormat = 'prometheus'): string {
  const workers = [...store.workers.values()].map(({ values }) => values);
  const pieces = store.families.flatMap(family => [...familyLines(family, format, workers)]);
  return pieces.join('') + ending(format);
}
