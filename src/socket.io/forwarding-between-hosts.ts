import { networkInterfaces } from 'node:os';
import type { Logger } from '@nestjs/common';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import type { Runtime } from '../runtime/runtime.js';
import { outerAddresses, parseAddress } from '../session-forwarding/hosts/host-address.js';
import { HostRelay } from '../session-forwarding/hosts/host-relay.js';
import type { SessionForwarder } from '../session-forwarding/session-forwarder.js';
import type { SharedState } from '../state/shared-state.js';
import { ForwardingLog } from './forwarding-log.js';
import type { ForwardBetweenHostsOptions } from './socket-io-options.interface.js';

const OPTION = 'forwardBetweenHosts of ClusterSocketIoModule';

/** What forwarding between hosts needs. @internal */
export interface ForwardingParts {
  readonly runtime: Runtime;
  readonly forwarder: SessionForwarder;
  readonly logger: Pick<Logger, 'log' | 'warn'>;
  readonly hasRedis: boolean;
  /** Called if forwarding is possible. */
  readonly state: () => SharedState;
}

/**
 * Connects this host with the others.
 *
 * @throws ClusterConfigError without Redis, or if the address of this machine is not clear
 * @internal
 */
export function forwardingBetweenHosts(
  given: true | ForwardBetweenHostsOptions,
  { runtime, forwarder, logger, hasRedis, state }: ForwardingParts,
): HostRelay {
  if (!hasRedis) {
    throw new ClusterConfigError(
      OPTION,
      given,
      'false without the option redis',
      `${OPTION} needs Redis. Set the option redis of ClusterModule (CLUSTER_REDIS_URL).`,
    );
  }
  const { address, tls } = given === true ? ({} as ForwardBetweenHostsOptions) : given;
  return new HostRelay({
    state: state(),
    hostId: () => forwarder.hostId(),
    given: address === undefined ? undefined : parseAddress(address),
    own: address === undefined ? onlyAddress(outerAddresses(networkInterfaces())) : undefined,
    tls,
    drainSignal: runtime.lifecycle.drainSignal,
    log: new ForwardingLog(logger, runtime.worker.slot),
  });
}

/**
 * Returns the address of a machine that has only one.
 *
 * @throws ClusterConfigError if it has none or several: the wrong one would fail only when a request is forwarded
 * @internal
 */
export function onlyAddress(addresses: readonly string[]): string {
  const [address] = addresses;
  if (address === undefined || addresses.length > 1) {
    const why =
      address === undefined ? 'no address' : `several addresses (${addresses.join(', ')})`;
    throw new ClusterConfigError(
      OPTION,
      true,
      'an object with the address of this host',
      `${OPTION} cannot be true on a machine with ${why}. Set it to { address }, where the other hosts reach this one.`,
    );
  }
  return address;
}
