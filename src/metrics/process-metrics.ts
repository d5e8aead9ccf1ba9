import { Logger } from '@nestjs/common';
import type { Registry } from 'prom-client';
import type { Host } from '../runtime/host.interface.js';
import type { Runtime } from '../runtime/runtime.js';
import { SharedRuns } from '../system/async/shared-runs.js';
import { within } from '../system/async/within.js';
import { acceptedFormat } from '../telemetry/accepted-format.js';
import type { TextFormat } from '../telemetry/content-types.js';
import {
  type MetricsAddress,
  type MetricsChannel,
  metricsProtocol,
} from '../telemetry/metrics.protocol.js';
import { measureHttp } from './collect/http-metrics.js';
import { MetricsReporter } from './collect/metrics-reporter.js';
import { RegistryScan } from './collect/registry-scan.js';
import { measureWorker } from './collect/worker-metrics.js';
import type { MetricsRegistry, PromClient } from './prom-client.js';

/** Milliseconds that the own metrics have to be collected before a scraper is answered. */
const FLUSH_TIMEOUT = 120;

/** Milliseconds that the primary has to answer. It answers in a few, unless the machine is overloaded. */
const ANSWER_TIMEOUT = 5_000;

/** Milliseconds between two reports if there are no heartbeats. */
const DEFAULT_INTERVAL = 1_000;

const processes = new WeakMap<Host, ProcessMetrics>();

/**
 * The metrics of this process, for all applications in it.
 *
 * @internal
 */
export class ProcessMetrics {
  readonly #channel: MetricsChannel;
  readonly #scan = new RegistryScan(new Logger('ClusterMetrics'));
  readonly #reporter: MetricsReporter;
  readonly #registers: [Registry];
  readonly #texts = new SharedRuns((format: TextFormat) => this.#ask(format));
  #measureRequest: ReturnType<typeof measureHttp> | undefined;
  #stopMeasuring: (() => void) | undefined;
  #isStarted = false;

  /** Returns those of the process with this runtime. */
  static of(prom: PromClient, runtime: Runtime): ProcessMetrics {
    const known = processes.get(runtime.host) ?? new ProcessMetrics(prom, runtime);
    processes.set(runtime.host, known);
    return known;
  }

  private constructor(
    private readonly prom: PromClient,
    private readonly runtime: Runtime,
  ) {
    this.#channel = runtime.host.channel.open(metricsProtocol, () => {});
    this.#registers = [new prom.Registry()];
    this.#reporter = new MetricsReporter(this.#scan, this.#channel);
    this.#scan.add(this.#registers[0]);
    this.#scan.add(prom.register);
  }

  include(registries: readonly MetricsRegistry[]): void {
    registries.forEach(registry => this.#scan.add(registry));
  }

  /** Measures from now on until the process leaves. An application that is created, but never started, does not begin. */
  begin(): void {
    this.#stopMeasuring ??= measureWorker(this.prom, this.#registers, this.runtime);
  }

  /** The function to call for each HTTP request. */
  get measureRequest(): ReturnType<typeof measureHttp> {
    this.#measureRequest ??= measureHttp(this.prom, this.#registers);
    return this.#measureRequest;
  }

  /**
   * Begins to report, until the process leaves.
   *
   * @param interval of the heartbeats in milliseconds; 0 for none
   */
  start(interval: number): void {
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.#reporter.start(interval || DEFAULT_INTERVAL);
      this.runtime.lifecycle.beforeLeft(() => this.#stop());
    }
  }

  /** Opens the port of the primary. Resolves with the reason if it cannot be opened. */
  async openPort(address: MetricsAddress): Promise<string | undefined> {
    const { why } = await this.#channel.ask('metricsPort', address);
    return why;
  }

  /**
   * Returns the metrics of the host, with the newest of this process.
   *
   * @throws PrimaryUnreachableError, PrimaryRequestError if the primary does not answer
   */
  text(accept: string | undefined): Promise<string> {
    return this.#texts.next(acceptedFormat(accept));
  }

  async #ask(format: TextFormat): Promise<string> {
    await within(FLUSH_TIMEOUT, this.#reporter.flush(), () => {});
    return this.#channel.ask(
      'metricsText',
      { openMetrics: format === 'openmetrics' },
      ANSWER_TIMEOUT,
    );
  }

  async #stop(): Promise<void> {
    await this.#reporter.stop();
    this.#stopMeasuring?.();
    if (this.runtime.mode === 'single') {
      await this.#channel.post({ type: 'metricsClosed' });
    }
    this.#channel.close();
    processes.delete(this.runtime.host);
  }
}
