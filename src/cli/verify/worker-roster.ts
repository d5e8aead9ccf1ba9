import { NO_SLOT } from '../../model/host-status.interface.js';
import type { LifecycleEvent } from './lifecycle-event.interface.js';

type State = 'booting' | 'standby' | 'ready' | 'leaving';

interface Entry {
  readonly slot: number;
  readonly state: State;
}

/** What a worker is from an event on. */
const STATES: Readonly<Partial<Record<LifecycleEvent['type'], State>>> = {
  workerForked: 'booting',
  workerStandby: 'standby',
  workerReady: 'ready',
  workerDraining: 'leaving',
};

/** Which workers the application has, by what its primary says of them. @internal */
export class Roster {
  readonly #workers = new Map<number, Entry>();

  /** Takes note of an event. */
  hear({ type, pid, slot = NO_SLOT }: LifecycleEvent): void {
    const state = STATES[type];
    if (state) {
      this.#workers.set(pid, { slot, state });
    } else if (type === 'workerExited') {
      this.#workers.delete(pid);
    }
  }

  /** The process ids of the workers that take requests. */
  get ready(): number[] {
    return this.#pids(({ state }) => state === 'ready');
  }

  /** The spares that have booted, and wait for a place. */
  get standby(): number[] {
    return this.#pids(({ state }) => state === 'standby');
  }

  /** All that live, spares included. */
  get living(): number[] {
    return this.#pids(() => true);
  }

  /** Whether nobody comes and nobody goes. Spares are not looked at: nobody waits for them. */
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
