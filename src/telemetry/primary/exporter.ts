import type { ServiceClient, ServiceHost } from '../../ipc/primary-service.interface.js';
import type { QuestionOf } from '../../ipc/protocol.js';
import { SharedRuns } from '../../system/async/shared-runs.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import type { MetricsQuestions, MetricsToPrimary } from '../metrics.protocol.js';
import type { HostCounts } from './host-counts.js';
import { MetricsPorts } from './metrics-ports.js';
import { MetricStore } from './metric-store.js';
import { render } from './render.js';
import type { TextFormat } from '../content-types.js';

/**
 * The metrics of a host: keeps what the workers report, and answers scrapers. Loaded when a worker wants metrics.
 *
 * @internal
 */
export class Exporter {
  readonly #store = new MetricStore<ServiceClient>();
  readonly #texts = new SharedRuns((format: TextFormat) => this.#render(format));
  readonly #ports = new MetricsPorts(format => this.text(format));

  constructor(
    private readonly counts: HostCounts,
    private readonly host: () => ServiceHost | undefined,
  ) {}

  onMessage(client: ServiceClient, message: MetricsToPrimary): void {
    if (message.type === 'metricsReport') {
      this.#store.apply(client, message, monotonicNow());
    } else {
      this.#store.retire(client);
      this.#ports.close();
    }
  }

  async onQuestion(client: ServiceClient, question: QuestionOf<MetricsQuestions>): Promise<void> {
    if (question.name === 'metricsText') {
      question.answer(await this.text(question.params.openMetrics ? 'openmetrics' : 'prometheus'));
    } else {
      const why = await this.#ports.open(client, question.params);
      question.answer(why === undefined ? {} : { why });
    }
  }

  onExited(client: ServiceClient): void {
    this.#store.retire(client);
    this.#ports.onExited(client);
  }

  /** Returns the metrics. Scrapers that ask at the same time share a text: each one is made in slices of time. */
  text(format: TextFormat): Promise<string> {
    return this.#texts.next(format);
  }

  #render(format: TextFormat): Promise<string> {
    const facts = { host: this.host(), counts: this.counts, store: this.#store };
    return render(format, { ...facts, now: monotonicNow() });
  }
}
