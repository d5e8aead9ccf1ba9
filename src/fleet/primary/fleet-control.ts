import type {
  FleetStatus,
  RolloutResult,
  RolloutStep,
} from '../../model/fleet-status.interface.js';
import type { Clock } from '../../system/time/clock.js';
import type { FleetAsk } from '../fleet.protocol.js';
import { FleetError } from './fleet.error.js';
import type { FleetService } from './fleet-service.js';
import { fleetTexts } from './fleet-text.js';
import { Rollout } from './rollout.js';

/** Milliseconds for which an agent is looked for: a blocked one is replaced within 15 s. */
const TIMEOUT = 30_000;

/**
 * What clients of the control socket can see and change of the other hosts.
 *
 * @internal
 */
export class FleetControl {
  #isReloading = false;

  constructor(
    private readonly service: Pick<FleetService, 'id' | 'ask'>,
    private readonly clock: Pick<Clock, 'now' | 'after'>,
  ) {}

  /** @throws FleetError */
  async status(): Promise<FleetStatus> {
    return (await this.#ask({ name: 'fleet' })) as FleetStatus;
  }

  /**
   * Reloads all hosts.
   *
   * @param maxUnavailable how many hosts reload at the same time, after the first one has succeeded
   * @throws FleetError
   */
  async reload(
    maxUnavailable: number,
    onProgress: (step: RolloutStep) => void,
  ): Promise<RolloutResult> {
    // The lock belongs to the host.
    if (this.#isReloading) {
      throw new FleetError('busy', fleetTexts.busy([]));
    }
    this.#isReloading = true;
    const { service, clock } = this;
    const ask = (question: FleetAsk): Promise<unknown> => this.#ask(question);
    try {
      return await new Rollout({ self: service.id, ask, clock, maxUnavailable, onProgress }).run();
    } finally {
      this.#isReloading = false;
    }
  }

  async #ask(ask: FleetAsk): Promise<unknown> {
    const answer = await this.service.ask(ask, TIMEOUT);
    if (!answer) {
      throw new FleetError('noWorker', fleetTexts.noWorker());
    }
    if (answer.type === 'failed') {
      throw new FleetError('failed', answer.why);
    }
    return answer.value;
  }
}
