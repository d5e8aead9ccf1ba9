import type { Logger } from '@nestjs/common';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import type { Runtime } from '../runtime/runtime.js';
import { outerAddresses, parseAddress } from '../session-forwarding/hosts/host-address.js';
import { HostRelay } from '../session-forwarding/hosts/host-relay.js';
import type { SessionForwarder } from '../session-forwarding/session-forwarder.js';
import type { SharedState } from '../state/shared-state.js';
import { interfacesOfMachine } from '../system/interfaces-of-machine.js';
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
 * @throws ClusterConfigError without Redis
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
    own: () => outerAddresses(interfacesOfMachine()),
    tls,
    drainSignal: runtime.lifecycle.drainSignal,
    isStopping: () => {
      const { drainCause } = runtime.lifecycle;
      return drainCause === 'stop' || drainCause === 'orphaned';
    },
    // A spare gets its slot later.
    log: new ForwardingLog(logger, () => runtime.worker.slot),
  });
}
