import type { HostStatus } from '../../model/host-status.interface.js';

/** The requests of a worker at a moment of its life. */
interface Measurement {
  readonly requests: number;
  readonly uptime: number;
}

/** Computes from one status to the next how many requests per second each worker has handled. @internal */
export class RequestRates {
  #last = new Map<number, Measurement>();

  /** Returns the rates by process id. A worker has none before its second heartbeat. */
  update({ workers, spares }: HostStatus): ReadonlyMap<number, number> {
    const now = new Map<number, Measurement>();
    const rates = new Map<number, number>();
    for (const { pid, uptime, vitals } of [...workers, ...spares]) {
      if (vitals) {
        const { requests } = vitals;
        const before = this.#last.get(pid);
        now.set(pid, { requests, uptime });
        if (before && uptime > before.uptime) {
          rates.set(pid, ((requests - before.requests) * 1_000) / (uptime - before.uptime));
        }
      }
    }
    this.#last = now;
    return rates;
  }
}
