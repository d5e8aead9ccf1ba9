import type { MetricsChannel } from '../../telemetry/metrics.protocol.js';
import type { RegistryScan } from './registry-scan.js';

/**
 * Reports what has changed in the metrics of this process to the primary, regularly and when it is asked to.
 *
 * @internal
 */
export class MetricsReporter {
  #flushing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly scan: Pick<RegistryScan, 'changes'>,
    private readonly channel: Pick<MetricsChannel, 'post'>,
  ) {}

  /** @param interval milliseconds between two reports */
  start(interval: number): void {
    void this.flush();
    this.#timer = setInterval(() => void this.flush(), interval).unref();
  }

  /** Reports what has changed until now; resolves when it is sent. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => (this.#flushing = undefined));
    return this.#flushing;
  }

  /** Sends the last report. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    // What is under way may have begun too early.
    await this.#flushing;
    await this.flush();
  }

  /** Reports are sent one by one: the channel also hands over connections. */
  async #flush(): Promise<void> {
    for (const report of await this.scan.changes()) {
      await this.channel.post(report);
    }
  }
}
