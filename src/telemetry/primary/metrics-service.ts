import type {
  PrimaryService,
  ServiceClient,
  ServiceHost,
} from '../../ipc/primary-service.interface.js';
import type { QuestionOf } from '../../ipc/protocol.js';
import type { ClusterEvent } from '../../model/events/cluster-event.interface.js';
import {
  metricsProtocol,
  type MetricsQuestions,
  type MetricsToPrimary,
} from '../metrics.protocol.js';
import type { Exporter } from './exporter.js';
import { HostCounts } from './host-counts.js';

/**
 * The metrics of a host. It counts lifecycle events from the start, and loads everything else when the first worker
 * reports metrics.
 *
 * @internal
 */
export class MetricsService implements PrimaryService<MetricsToPrimary, never, MetricsQuestions> {
  readonly protocol = metricsProtocol;
  readonly #counts = new HostCounts();
  #host: ServiceHost | undefined;
  #loading: Promise<Exporter> | undefined;
  #exporter: Exporter | undefined;

  onStart(host: ServiceHost): void {
    this.#host = host;
  }

  onEvent(event: ClusterEvent): void {
    this.#counts.onEvent(event);
  }

  onMessage(client: ServiceClient<never>, message: MetricsToPrimary): void {
    this.#use(this.#load(), exporter => exporter.onMessage(client, message));
  }

  async onQuestion(
    client: ServiceClient<never>,
    question: QuestionOf<MetricsQuestions>,
  ): Promise<void> {
    const exporter = this.#exporter ?? (await this.#load());
    await exporter.onQuestion(client, question);
  }

  /** Resolves with the metrics in the text format of Prometheus; with `undefined` if no worker has reported any. */
  async text(): Promise<string | undefined> {
    return (await this.#loading)?.text('prometheus');
  }

  onExited(client: ServiceClient<never>): void {
    this.#use(this.#loading, exporter => exporter.onExited(client));
  }

  /** In order: what waits for the exporter is done before anything else happens. */
  #use(loading: Promise<Exporter> | undefined, task: (exporter: Exporter) => void): void {
    if (this.#exporter) {
      task(this.#exporter);
    } else {
      // A question reports why it cannot be loaded.
      loading?.then(task).catch(() => {});
    }
  }

  #load(): Promise<Exporter> {
    this.#loading ??= import('./exporter.js').then(({ Exporter: Loaded }) => {
      this.#exporter = new Loaded(this.#counts, () => this.#host);
      return this.#exporter;
    });
    return this.#loading;
  }
}
