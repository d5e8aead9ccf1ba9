import type { HostStatus, WorkerStatus } from '../../model/host-status.interface.js';
import type { OverviewSample, SlotSample, Unknown } from '../overview.interface.js';
import type { OverviewServiceDependencies } from './overview-service.interface.js';
import { RequestRates } from './request-rates.js';
import { SampleRing } from './sample-ring.js';

/** Where the samples come from. @internal */
export interface SampleSources extends Pick<OverviewServiceDependencies, 'clock' | 'factsOf'> {
  readonly status: () => HostStatus;
}

const UNKNOWN: SlotSample = [null, null, null, null];

/**
 * The samples of all slots, from the vitals of the workers. Whoever owns it decides when a sample is taken.
 *
 * @internal
 */
export class HostSamples {
  readonly #ring = new SampleRing();
  readonly #rates = new RequestRates();
  #latest: OverviewSample | undefined;

  constructor(private readonly sources: SampleSources) {}

  /** All samples that are kept, oldest first. */
  get all(): readonly OverviewSample[] {
    return this.#ring.all;
  }

  /** The newest sample. The first one is taken here if there is none. */
  get latest(): OverviewSample {
    return this.#latest ?? this.take();
  }

  /** Takes a sample of all slots, and keeps it. */
  take(): OverviewSample {
    const { wanted, workers, spares } = this.status();
    for (const worker of workers) {
      this.#rates.note(worker, this.sources.factsOf(worker.id)?.heartbeatAt);
    }
    this.#rates.keep(new Set([...workers, ...spares].map(({ id }) => id)));
    const slots = Array.from({ length: wanted }, (_, slot) => {
      const ofSlot = workers.filter(worker => worker.slot === slot && worker.state !== 'exited');
      return this.#sampleOf(ofSlot.find(({ serves }) => serves) ?? ofSlot.at(-1));
    });
    const sample = { at: this.sources.clock.wallTime(), slots };
    this.#ring.add(sample);
    this.#latest = sample;
    return sample;
  }

  /** Returns the HTTP requests per second of a worker between its last two heartbeats. */
  rateOf({ id, heartbeatOverdue }: WorkerStatus): number | Unknown {
    return heartbeatOverdue ? null : this.#rates.of(id);
  }

  /** Returns the status of the host. In single mode, it has the vitals of the process. */
  status(): HostStatus {
    const status = this.sources.status();
    const withVitals = (worker: WorkerStatus): WorkerStatus => {
      const vitals = worker.vitals ?? this.sources.factsOf(worker.id)?.vitals;
      return vitals ? { ...worker, vitals } : worker;
    };
    return { ...status, workers: status.workers.map(withVitals) };
  }

  #sampleOf(worker: WorkerStatus | undefined): SlotSample {
    if (!worker?.vitals || worker.heartbeatOverdue) {
      return UNKNOWN;
    }
    const { memory, eventLoopDelayP99, eventLoopUtilization } = worker.vitals;
    return [memory, eventLoopDelayP99, eventLoopUtilization, this.#rates.of(worker.id)];
  }
}
