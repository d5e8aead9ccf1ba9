import { NO_SLOT } from '../../model/host-status.interface.js';
import type { LifecycleEvent } from './lifecycle-event.interface.js';

type State = 'booting' | 'standby' | 'ready' | 'leaving';

interface Entry {
  readonly slot: number;
  readonly state: State;
}

/** The state of a worker after an event. */
const STATES: Readonly<Partial<Record<LifecycleEvent['type'], State>>> = {
  workerForked: 'booting',
  workerStandby: 'standby',
  workerReady: 'ready',
  workerDraining: 'leaving',
};

/** Tracks the workers of the application by the events of its primary. @internal */
export class Roster {
  readonly #workers = new Map<number, Entry>();

  /** Handles an event. */
  hear({ type, pid, slot = NO_SLOT }: LifecycleEvent): void {
    const state = STATES[type];
    if (state) {
      this.#workers.set(pid, { slot, state });
    } else if (type === 'workerExited') {
      this.#workers.delete(pid);
    }
  }

  /** The process ids of ready workers. */
  get ready(): number[] {
    return this.#pids(({ state }) => state === 'ready');
  }

  /** The process ids of spares on standby. */
  get standby(): number[] {
    return this.#pids(({ state }) => state === 'standby');
  }

  /** The process ids of all workers, including spares. */
  get living(): number[] {
    return this.#pids(() => true);
  }

  /** Whether all workers are ready. Spares are ignored, because nothing waits for them. */
  get isSettled(): boolean {
    const placed = [...this.#workers.values()].filter(({ slot }) => slot !== NO_SLOT);
    return placed.length > 0 && placed.every(({ state }) => state === 'ready');
  }

  has(pid: number): boolean {
    return this.#workers.has(pid);
  }

  #pids(accept: (entry: Entry) => boolean): number[] {
    return [...this.#workers].filter(([, entry]) => accept(entry)).map(([pid]) => pid);
  }
}
