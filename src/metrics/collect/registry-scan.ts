import type { Logger } from '@nestjs/common';
import { within } from '../../system/async/within.js';
import type { Labels } from '../../telemetry/label-text.js';
import type { MetricsReport } from '../../telemetry/metrics.protocol.js';
import { metricsMessages } from '../metrics.messages.js';
import { ReportBuilder } from './report-builder.js';
import { type PromMetric, type PromValue, ScannedMetric } from './scanned-metric.js';

/** The part of a registry that is used. Its default labels are not among the public types. @internal */
export interface ScannedRegistry {
  getMetricsAsArray(): readonly unknown[];
  readonly _defaultLabels?: Labels;
}

/** Milliseconds that a metric has to be collected. */
const COLLECT_TIMEOUT = 100;

/**
 * Reads registries of prom-client, and finds out what has changed since the last time. A metric that fails or takes too
 * long keeps its last values, and delays no other one.
 *
 * @internal
 */
export class RegistryScan {
  readonly #registries = new Set<ScannedRegistry>();
  #metrics = new Map<PromMetric, ScannedMetric>();
  readonly #reading = new Set<ScannedMetric>();
  readonly #logged = new Set<string>();
  readonly #builder = new ReportBuilder();

  constructor(
    private readonly logger: Pick<Logger, 'warn'>,
    private readonly timeout = COLLECT_TIMEOUT,
  ) {}

  add(registry: ScannedRegistry): void {
    this.#registries.add(registry);
  }

  /** Returns what has changed. Never rejects. Call it again only when it has resolved. */
  async changes(): Promise<MetricsReport[]> {
    const metrics = this.#update();
    const read = await Promise.all(metrics.map(metric => this.#read(metric)));
    for (const [place, values] of read.entries()) {
      if (values) {
        metrics[place]!.report(values, this.#builder);
      }
    }
    return this.#builder.take();
  }

  /** Returns all metrics; of several with the same name, the first one. */
  #update(): ScannedMetric[] {
    const before = this.#metrics;
    const names = new Set<string>();
    this.#metrics = new Map();
    for (const registry of this.#registries) {
      const { _defaultLabels: defaultLabels = {} } = registry;
      for (const metric of registry.getMetricsAsArray() as readonly PromMetric[]) {
        const scanned = before.get(metric) ?? new ScannedMetric(metric, defaultLabels);
        if (!names.has(scanned.name)) {
          names.add(scanned.name);
          this.#metrics.set(metric, scanned);
        }
      }
    }
    for (const [metric, scanned] of before) {
      if (!this.#metrics.has(metric)) {
        scanned.remove(this.#builder);
      }
    }
    return [...this.#metrics.values()];
  }

  async #read(metric: ScannedMetric): Promise<readonly PromValue[] | undefined> {
    if (this.#reading.has(metric)) {
      return undefined;
    }
    this.#reading.add(metric);
    const reading = metric
      .read()
      .catch((error: unknown) =>
        this.#warn(metric.name, metricsMessages.collectFailed(metric.name, error)),
      )
      .finally(() => this.#reading.delete(metric));
    return within(this.timeout, reading, () =>
      this.#warn(metric.name, metricsMessages.collectSlow(metric.name, this.timeout)),
    );
  }

  #warn(name: string, message: string): undefined {
    if (!this.#logged.has(name)) {
      this.#logged.add(name);
      this.logger.warn(message);
    }
  }
}
