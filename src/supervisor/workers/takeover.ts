import type { Clock } from '../../system/time/clock.js';
import type { HostShutdown } from '../host-shutdown.js';
import type { WorkerHandle } from './handle/worker-handle.js';
import type { OverloadWatch } from './overload-watch.js';
import type { Workforce } from './workforce.js';

/** @internal */
export interface TakeoverDependencies {
  /** Maximum milliseconds for which a worker waits for another one to take its connections. */
  readonly timeout: number;
  readonly clock: Clock;
  readonly workforce: Pick<Workforce, 'changes'>;
  readonly overload: Pick<OverloadWatch, 'othersThan' | 'someoneElseTakes' | 'openOthersThan'>;
  readonly shutdown: Pick<HostShutdown, 'isUnderWay'>;
}

/**
 * Waits until other workers take the connections of leaving ones, because the port closes when the last worker stops
 * listening. Whether they do is checked whenever it may have changed: another worker may die while this one waits.
 *
 * @internal
 */
export class Takeover {
  constructor(private readonly deps: TakeoverDependencies) {}

  /**
   * Resolves when other workers take connections and `isReplaced()` is true, when the leaving workers no longer
   * serve, when a stop has begun, or after the timeout.
   *
   * @param onAlone called when no other worker serves; may be called more than once
   */
  async untilOthersServe(
    leaving: readonly WorkerHandle[],
    isReplaced: () => boolean,
    onAlone: () => void = () => {},
  ): Promise<void> {
    const { clock, workforce, overload, shutdown, timeout } = this.deps;
    const mayGo = (): boolean =>
      shutdown.isUnderWay ||
      !leaving.some(({ serves }) => serves) ||
      (overload.someoneElseTakes(leaving) && isReplaced());
    const others = (): string =>
      overload
        .othersThan(leaving)
        .map(({ pid }) => pid)
        .join();
    const deadline = clock.now() + timeout;
    // In a loop: the state may have changed again before this continuation runs.
    while (!mayGo() && clock.now() < deadline) {
      const before = others();
      if (before === '') {
        onAlone();
      } else if (!overload.someoneElseTakes(leaving)) {
        overload.openOthersThan(leaving);
      }
      await workforce.changes.untilOr(deadline - clock.now(), () => mayGo() || others() !== before);
    }
  }
}
