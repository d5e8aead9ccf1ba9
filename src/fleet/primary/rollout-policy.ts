import type { FleetHost, FleetReload, RolloutStep } from '../../model/fleet-status.interface.js';
import type { OrderAnswer } from '../fleet.protocol.js';

/**
 * Milliseconds after which a host without a record is lost. Redis may have lost all records, which are renewed every 3
 * seconds.
 *
 * @internal
 */
export const LOST_AFTER = 5_000;

/** Milliseconds after which a host that has a record, but does not answer the order, has failed. @internal */
export const UNANSWERED_AFTER = 30_000;

/** A host in a rollout. @internal */
export interface RolloutHost extends RolloutStep {
  /** The token with which it was ordered to reload. */
  readonly token?: number;
  /** When it got its first order. */
  readonly orderedAt?: number;
  /** Since when its record is missing. */
  readonly missingSince?: number;
}

/** What is seen of a host. @internal */
export interface Sight {
  readonly host: Pick<FleetHost, 'reload'> | undefined;
  /** Whether the host of the caller has a record. If not, Redis has lost the records. */
  readonly seesSelf: boolean;
  readonly now: number;
}

const TEXTS = {
  single: 'it is in single mode, in which there is nothing to reload. Restart it',
  gone: 'its record has disappeared: it has ended, or is out of touch with Redis',
  stopping: 'it stops',
  stale: 'another reload of all hosts has begun since then',
  unanswered:
    'it does not answer the order to reload: its event loops are blocked, or it does not read the bus',
};

/**
 * Returns the hosts in the order in which they reload: healthy ones first, so that a failure of the first one is a failure
 * of the code, and the host of the caller last, because it coordinates. Hosts without workers are skipped.
 *
 * @internal
 */
export function planRollout(hosts: readonly FleetHost[]): readonly RolloutHost[] {
  return hosts
    .toSorted((one, other) => rank(one) - rank(other))
    .map(({ id, name, pid, mode }) => ({
      host: { id, name, pid },
      ...(mode === 'single' ? { state: 'skipped', why: TEXTS.single } : { state: 'waiting' }),
    }));
}

function rank({ isSelf, health }: FleetHost): number {
  return isSelf ? 2 : health === 'healthy' ? 0 : 1;
}

/**
 * Returns the hosts that are ordered to reload now: none after a failure, one as long as none has succeeded, and otherwise
 * so many that `maxUnavailable` reload at the same time. An order without an answer is repeated.
 *
 * @internal
 */
export function hostsToOrder(
  hosts: readonly RolloutHost[],
  maxUnavailable: number,
): readonly RolloutHost[] {
  const inState = (state: RolloutHost['state']) => hosts.filter(host => host.state === state);
  if (inState('failed').length > 0) {
    return [];
  }
  const ordered = inState('ordered');
  const limit = inState('reloaded').length > 0 ? maxUnavailable : 1;
  const free = Math.max(0, limit - ordered.length - inState('reloading').length);
  return [...ordered, ...inState('waiting').slice(0, free)];
}

/** Whether nothing goes on, and nothing can begin. @internal */
export function isOver(hosts: readonly RolloutHost[]): boolean {
  return (
    hosts.every(({ state }) => state !== 'ordered' && state !== 'reloading') &&
    (hosts.some(({ state }) => state === 'failed') ||
      hosts.every(({ state }) => state !== 'waiting'))
  );
}

/** Returns a host after an order. @internal */
export function afterOrder(
  host: RolloutHost,
  answer: OrderAnswer,
  token: number,
  now: number,
): RolloutHost {
  const { orderedAt = now } = host;
  switch (answer) {
    case 'accepted':
      return { ...host, state: 'reloading', token };
    case 'stale':
      return { ...host, state: 'failed', why: TEXTS.stale };
    case 'stopping':
      return { ...host, state: 'lost', why: TEXTS.stopping };
    case 'unanswered':
      return now - orderedAt < UNANSWERED_AFTER
        ? { ...host, state: 'ordered', orderedAt }
        : { ...host, state: 'failed', why: TEXTS.unanswered };
    case 'lockLost':
  }
  return host;
}

/** Returns a host that was ordered to reload, after a look at its record. @internal */
export function afterLook(step: RolloutHost, { host, seesSelf, now }: Sight): RolloutHost {
  if (host) {
    const { missingSince: _, ...present } = step;
    return step.state === 'reloading' ? afterReload(present, host.reload) : present;
  }
  if (!seesSelf) {
    return step;
  }
  const { missingSince = now } = step;
  return now - missingSince < LOST_AFTER
    ? { ...step, missingSince }
    : { ...step, state: 'lost', why: TEXTS.gone };
}

function afterReload(step: RolloutHost, reload: FleetReload | undefined): RolloutHost {
  // The record may be older than the order.
  if (!reload || reload.token < (step.token ?? 0)) {
    return step;
  }
  if (reload.token > (step.token ?? 0)) {
    return { ...step, state: 'failed', why: TEXTS.stale };
  }
  const { state, token: _, ...result } = reload;
  return state === 'running'
    ? step
    : { ...step, ...result, state: state === 'done' ? 'reloaded' : 'failed' };
}

/** Returns what others are told about a host. @internal */
export function stepOf(host: RolloutHost): RolloutStep {
  const { token: _, orderedAt: __, missingSince: ___, ...step } = host;
  return step;
}
