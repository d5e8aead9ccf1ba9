import type { Logger } from '@nestjs/common';
import { within } from '../../system/async/within.js';
import type { Labels } from '../../telemetry/label-text.js';
import type { MetricsReport } from '../../telemetry/metrics.protocol.js';
import { metricsMessages } from '../metrics.messages.js';
import { ReportBuilder } from './report-builder.js';
import { type PromMetric, type Reading, ScannedMetric } from './scanned-metric.js';

/** The part of a registry that is used. Its default labels are not among the public types. @internal */
export interface ScannedRegistry {
  getMetricsAsArray(): readonly unknown[];
  readonly _defaultLabels?: Labels;
}

/** In the place of the name of a metric, which it cannot be, for the log. */
const REGISTRY = '(registry)';

/** Milliseconds that a metric has to be collected. */
const COLLECT_TIMEOUT = 100;

/**
 * Reads registries of prom-client, and finds out what has changed since the last time. A metric that fails keeps its last
 * values. One that takes too long delays no other one: its values are in a later report.
 *
 * @internal
 */
export class RegistryScan {
  /** With the metrics that each registry had when it was read last. */
  readonly #registries = new Map<ScannedRegistry, readonly PromMetric[]>();
  #metrics = new Map<PromMetric, ScannedMetric>();
  readonly #reading = new Set<ScannedMetric>();
  readonly #late = new WeakMap<ScannedMetric, Reading>();
  readonly #logged = new Set<string>();
  readonly #builder = new ReportBuilder();

  constructor(
    private readonly logger: Pick<Logger, 'warn'>,
    private readonly timeout = COLLECT_TIMEOUT,
  ) {}

  add(registry: ScannedRegistry): void {
    if (!this.#registries.has(registry)) {
      this.#registries.set(registry, []);
    }
  }

  /** Returns what has changed. Never rejects. Call it again only when it has resolved. */
  async changes(): Promise<MetricsReport[]> {
    const metrics = this.#update();
    const readings = await Promise.all(metrics.map(metric => this.#read(metric)));
    for (const [place, reading] of readings.entries()) {
      if (reading) {
        this.#report(metrics[place]!, reading);
      }
    }
    return this.#builder.take();
  }

  /** Returns all metrics; of several with the same name, the first one. */
  #update(): ScannedMetric[] {
    const before = this.#metrics;
    const names = new Set<string>();
    this.#metrics = new Map();
    for (const registry of this.#registries.keys()) {
      const { _defaultLabels: defaultLabels = {} } = registry;
      for (const metric of this.#metricsOf(registry)) {
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

  #metricsOf(registry: ScannedRegistry): readonly PromMetric[] {
    try {
      this.#registries.set(registry, [...(registry.getMetricsAsArray() as readonly PromMetric[])]);
    } catch (error) {
      this.#warn(REGISTRY, metricsMessages.registryFailed(error));
    }
    return this.#registries.get(registry) ?? [];
  }

  /** Returns the values of a metric, or those that came too late for the last report; `undefined` if there are none. */
  async #read(metric: ScannedMetric): Promise<Reading | undefined> {
    const late = this.#late.get(metric);
    this.#late.delete(metric);
    if (late || this.#reading.has(metric)) {
      return late;
    }
    this.#reading.add(metric);
    const reading = metric
      .read()
      .catch((error: unknown) => this.#warnOfFailure(metric, error))
      .finally(() => this.#reading.delete(metric));
    return within(this.timeout, reading, () => {
      void reading.then(values => values && this.#late.set(metric, values));
      return this.#warn(metric.name, metricsMessages.collectSlow(metric.name, this.timeout));
    });
  }

  #report(metric: ScannedMetric, reading: Reading): void {
    try {
      metric.report(reading, this.#builder);
    } catch (error) {
      this.#warnOfFailure(metric, error);
    }
  }

  #warnOfFailure({ name }: ScannedMetric, error: unknown): undefined {
    return this.#warn(name, metricsMessages.collectFailed(name, error));
  }

  #warn(name: string, message: string): undefined {
    if (!this.#logged.has(name)) {
      this.#logged.add(name);
      this.logger.warn(message);
    }
  }
}
