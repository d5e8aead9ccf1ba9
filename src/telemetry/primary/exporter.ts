import type { ServiceClient, ServiceHost } from '../../ipc/primary-service.interface.js';
import type { QuestionOf } from '../../ipc/protocol.js';
import { SharedRuns } from '../../system/async/shared-runs.js';
import { printableError } from '../../system/text/printable.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import type { MetricsAddress, MetricsQuestions, MetricsToPrimary } from '../metrics.protocol.js';
import type { HostCounts } from './host-counts.js';
import { MetricsServer } from './metrics-server.js';
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
  #server: MetricsServer | undefined;
  #opening: Promise<string | undefined> = Promise.resolve(undefined);

  constructor(
    private readonly counts: HostCounts,
    private readonly host: () => ServiceHost | undefined,
  ) {}

  onMessage(client: ServiceClient, message: MetricsToPrimary): void {
    if (message.type === 'metricsReport') {
      this.#store.apply(client, message, monotonicNow());
    } else {
      this.#store.retire(client);
      this.#closePort();
    }
  }

  async onQuestion(question: QuestionOf<MetricsQuestions>): Promise<void> {
    if (question.name === 'metricsText') {
      question.answer(await this.text(question.params.openMetrics ? 'openmetrics' : 'prometheus'));
    } else {
      const opening = this.#opening.then(() => this.#open(question.params));
      this.#opening = opening;
      const why = await opening;
      question.answer(why === undefined ? {} : { why });
    }
  }

  onExited(client: ServiceClient): void {
    this.#store.retire(client);
  }

  /** Returns the metrics. Scrapers that ask at the same time share a text: each one is made in slices of time. */
  text(format: TextFormat): Promise<string> {
    return this.#texts.next(format);
  }

  #render(format: TextFormat): Promise<string> {
    const facts = { host: this.host(), counts: this.counts, store: this.#store };
    return render(format, { ...facts, now: monotonicNow() });
  }

  /** Opens the port, unless it is open. After a reload with another port, the former one is closed. */
  async #open(address: MetricsAddress): Promise<string | undefined> {
    const { port, host, path } = this.#server?.address ?? {};
    if (port === address.port && host === address.host) {
      if (path === address.path) {
        return undefined;
      }
      this.#closePort();
    }
    const server = new MetricsServer(address, format => this.text(format));
    try {
      await server.listen();
    } catch (error) {
      return printableError(error);
    }
    this.#closePort();
    this.#server = server;
    return undefined;
  }

  #closePort(): void {
    this.#server?.close();
    this.#server = undefined;
  }
}
