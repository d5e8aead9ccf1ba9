import type {
  FleetHost,
  FleetStatus,
  RolloutResult,
  RolloutStep,
} from '../../model/fleet-status.interface.js';
import { type Clock, pause } from '../../system/time/clock.js';
import type { FleetAsk, OrderAnswer } from '../fleet.protocol.js';
import { ROLLOUT_LEASE } from '../fleet-names.js';
import { FleetError } from './fleet.error.js';
import { fleetTexts } from './fleet-text.js';
import {
  afterLook,
  afterOrder,
  hostsToOrder,
  isOver,
  planRollout,
  type RolloutHost,
  stepOf,
} from './rollout-policy.js';

/** Milliseconds between two looks at the hosts that reload. */
const POLL = 500;

/** Milliseconds for which Redis, or the workers of this host, may be unavailable. */
const MAX_OUTAGE = 60_000;

/** Milliseconds for which the lock may be that of a former agent, which died or is blocked, and has not released it. */
const LOCK_PATIENCE = ROLLOUT_LEASE + 2_000;

/** @internal */
export interface RolloutDependencies {
  /** The id of this host. */
  readonly self: string;
  /** Asks the agent of this host, and resolves with its answer. @throws FleetError */
  readonly ask: (ask: FleetAsk) => Promise<unknown>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly maxUnavailable: number;
  readonly onProgress: (step: RolloutStep) => void;
}

/**
 * Reloads all hosts of the namespace, host after host. Runs in the primary, which outlives the workers that it reloads; the
 * agent of the host has the connection to Redis and the lock. If the agent ends, the next one takes the lock, with a higher
 * token, and the rollout goes on.
 *
 * @internal
 */
export class Rollout {
  #hosts: readonly RolloutHost[] = [];
  #token = 0;
  /** The first token. */
  #rollout = 0;
  #taking: Promise<void> | undefined;

  constructor(private readonly deps: RolloutDependencies) {}

  /** @throws FleetError if nothing was begun, or it cannot be continued */
  async run(): Promise<RolloutResult> {
    const { hosts, unknown } = (await this.#ask({ name: 'fleet' })) as FleetStatus;
    if (unknown.length > 0) {
      throw new FleetError('failed', fleetTexts.unknownHosts(unknown));
    }
    try {
      await this.#takeLock();
      this.#rollout = this.#token;
      this.#hosts = planRollout(hosts);
      this.#hosts.forEach(host => this.deps.onProgress(stepOf(host)));
      while (!isOver(this.#hosts)) {
        await this.#order();
        await this.#look();
      }
    } finally {
      await this.deps.ask({ name: 'unlock' }).catch(() => {});
    }
    const failed = this.#hosts.some(({ state }) => state === 'failed');
    return { result: failed ? 'failed' : 'done', hosts: this.#hosts.map(stepOf) };
  }

  async #order(): Promise<void> {
    const { clock, maxUnavailable } = this.deps;
    await Promise.all(
      hostsToOrder(this.#hosts, maxUnavailable).map(async ({ host: { id } }) => {
        const token = this.#token;
        const order = { token, rollout: this.#rollout };
        const answer = (await this.#ask({ name: 'order', host: id, ...order })) as OrderAnswer;
        if (answer === 'lockLost') {
          await this.#takeLockAgain(token);
        }
        this.#change(id, host => afterOrder(host, answer, token, clock.now()));
      }),
    );
  }

  async #look(): Promise<void> {
    const { clock, self } = this.deps;
    const watched = this.#hosts
      .filter(({ state }) => state === 'ordered' || state === 'reloading')
      .map(({ host }) => host.id);
    if (watched.length === 0) {
      return;
    }
    await pause(clock, POLL);
    const asked = [...new Set([...watched, self])];
    const found = (await this.#ask({ name: 'look', hosts: asked })) as readonly FleetHost[];
    const seesSelf = found.some(({ id }) => id === self);
    for (const id of watched) {
      const host = found.find(each => each.id === id);
      this.#change(id, step => afterLook(step, { host, seesSelf, now: clock.now() }));
    }
  }

  #change(id: string, change: (host: RolloutHost) => RolloutHost): void {
    this.#hosts = this.#hosts.map(host => {
      if (host.host.id !== id) {
        return host;
      }
      const changed = change(host);
      if (changed.state !== host.state) {
        this.deps.onProgress(stepOf(changed));
      }
      return changed;
    });
  }

  /** Once for all orders that have found the lock lost. */
  async #takeLockAgain(lost: number): Promise<void> {
    if (this.#token === lost) {
      this.#taking ??= this.#takeLock(LOCK_PATIENCE).finally(() => (this.#taking = undefined));
    }
    await this.#taking;
  }

  /** @param patience milliseconds to wait if another holder has the lock */
  async #takeLock(patience = 0): Promise<void> {
    const { clock } = this.deps;
    let until: number | undefined;
    for (;;) {
      const token = (await this.#ask({ name: 'lock' })) as number | null;
      if (token !== null) {
        this.#token = token;
        return;
      }
      until ??= clock.now() + patience;
      if (clock.now() >= until) {
        throw new FleetError('busy', fleetTexts.busy(this.#hosts.map(stepOf)));
      }
      await pause(clock, POLL);
    }
  }

  /** Asks again while Redis is unavailable. */
  async #ask(ask: FleetAsk): Promise<unknown> {
    const { clock } = this.deps;
    const until = clock.now() + MAX_OUTAGE;
    for (;;) {
      try {
        return await this.deps.ask(ask);
      } catch (error) {
        // Before the first order, the caller can try again.
        if (this.#hosts.length === 0 || clock.now() >= until) {
          throw error;
        }
        await pause(clock, POLL);
      }
    }
  }
}
