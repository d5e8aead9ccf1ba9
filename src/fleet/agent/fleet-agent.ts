import { releaseName } from '../../config/release.js';
import type { ResolvedClusterOptions } from '../../config/resolve-options.js';
import type { ClusterBus } from '../../bus/cluster-bus.js';
import type { Subscription } from '../../bus/subscribe/event-context.interface.js';
import type { FleetStatus } from '../../model/fleet-status.interface.js';
import { PrimaryUnreachableError } from '../../model/errors/primary-unreachable.error.js';
import type { Host } from '../../runtime/host.interface.js';
import type { SharedState } from '../../state/shared-state.js';
import { SharedRuns } from '../../system/async/shared-runs.js';
import { printableError } from '../../system/text/printable.js';
import {
  type FleetAnswer,
  type FleetAsk,
  type FleetChannel,
  type Order,
  orderAnswerShape,
  orderShape,
  type OrderAnswer,
} from '../fleet.protocol.js';
import { BEAT, orderTopic } from '../fleet-names.js';
import { FleetRegistry } from '../fleet-registry.js';
import { type HostFacts, hostRecord } from '../host-record.js';
import { RolloutLock } from './rollout-lock.js';

/** Milliseconds within which a host must answer an order, or its primary a question of this process. */
const ORDER_TIMEOUT = 5_000;

/** Milliseconds that the primary has to say whether the host stops. */
const STATUS_TIMEOUT = 1_000;

/** @internal */
export interface FleetAgentDependencies {
  readonly state: SharedState;
  readonly bus: ClusterBus;
  readonly host: Pick<Host, 'status'>;
  readonly channel: FleetChannel;
  readonly options: Pick<ResolvedClusterOptions, 'namespace' | 'release'>;
}

/**
 * Speaks for the host in Redis: renews its record, takes orders of other hosts, and does what its own primary asks, which
 * has no connection to Redis. One worker of each host has an agent that is on duty. While Redis is unavailable, nothing is
 * written, and the next record is written when it is back.
 *
 * @internal
 */
export class FleetAgent {
  readonly #registry: FleetRegistry;
  readonly #lock: RolloutLock;
  readonly #release: string;
  #facts: HostFacts | undefined;
  #timer: NodeJS.Timeout | undefined;
  #orders: Promise<Subscription> | undefined;
  readonly #writes = new SharedRuns<void, void>(() => this.#write());
  #writing: Promise<void> | undefined;

  constructor(private readonly deps: FleetAgentDependencies) {
    this.#registry = new FleetRegistry(deps.state);
    this.#lock = new RolloutLock(deps.state);
    this.#release = releaseName(deps.options);
  }

  /** Begins to speak for the host, or does so with other facts. */
  onDuty(facts: HostFacts): void {
    this.#facts = facts;
    this.#timer ??= setInterval(() => this.#beat(), BEAT).unref();
    // In single mode, there is nothing to reload.
    if (facts.mode === 'cluster') {
      this.#listen(facts.id);
    }
    this.#beat();
  }

  #listen(id: string): void {
    this.#orders ??= this.deps.bus.answer(orderTopic(id), payload => this.#ordered(payload));
    this.#orders.catch(() => (this.#orders = undefined));
  }

  /** Another worker speaks for the host from now on. */
  async rest(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#facts = undefined;
    this.#lock.release();
    const orders = this.#orders;
    this.#orders = undefined;
    const subscription = await orders?.catch(() => undefined);
    await subscription?.unsubscribe().catch(() => {});
  }

  /** Ends with this process. If the host stops, its record is removed. */
  async leave(): Promise<void> {
    const facts = this.#facts;
    await Promise.all([this.rest(), this.#writing]);
    if (facts && (await this.#hostEnds())) {
      // Otherwise it expires.
      await this.#registry.remove(facts.id).catch(() => {});
    }
  }

  /** Does what the primary asks. */
  async answer(ask: FleetAsk): Promise<FleetAnswer> {
    try {
      return { type: 'value', value: await this.#do(ask) };
    } catch (error) {
      return { type: 'failed', why: printableError(error) };
    }
  }

  async #do(ask: FleetAsk): Promise<unknown> {
    const self = this.#facts?.id ?? '';
    switch (ask.name) {
      case 'fleet': {
        const { namespace } = this.deps.options;
        return { namespace, ...(await this.#registry.all(self)) } satisfies FleetStatus;
      }
      case 'look':
        return this.#registry.some(ask.hosts, self);
      case 'lock':
        return this.#lock.acquire();
      case 'unlock':
        this.#lock.release();
        return null;
      case 'order':
    }
    return this.#order(ask.host, { token: ask.token, rollout: ask.rollout });
  }

  async #order(host: string, order: Order): Promise<OrderAnswer> {
    if (!this.#lock.isHeld(order.token)) {
      return 'lockLost';
    }
    const { replies } = await this.deps.bus.ask(orderTopic(host), order, {
      timeout: ORDER_TIMEOUT,
    });
    const [reply] = replies;
    return reply && !orderAnswerShape(reply.value) ? (reply.value as OrderAnswer) : 'unanswered';
  }

  /** Passes an order to the primary, which refuses those that are stale. */
  async #ordered(payload: unknown): Promise<OrderAnswer> {
    if (orderShape(payload)) {
      return 'unanswered';
    }
    const { token, rollout } = payload as Order;
    return this.deps.channel
      .ask('fleetOrder', { token, rollout }, ORDER_TIMEOUT)
      .catch((error: unknown): OrderAnswer => {
        if (error instanceof PrimaryUnreachableError) {
          return 'unanswered';
        }
        throw error;
      });
  }

  #beat(): void {
    void this.deps.channel.post({ type: 'fleetBeat' });
    // What could not be written is written with the next beat.
    this.#writing = this.#writes.next().catch(() => {});
  }

  async #write(): Promise<void> {
    const status = await this.deps.host.status();
    const facts = this.#facts;
    if (facts && status.state === 'running') {
      await this.#registry.write(facts.id, hostRecord(facts, status, this.#release));
    }
  }

  /** Whether the host ends with this process. */
  async #hostEnds(): Promise<boolean> {
    try {
      const { state } = await this.deps.host.status(STATUS_TIMEOUT);
      return state === 'stopping';
    } catch {
      return true;
    }
  }
}
