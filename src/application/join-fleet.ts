import type { INestApplicationContext } from '@nestjs/common';
import type { ClusterBus } from '../bus/cluster-bus.js';
import { OWN_BUS } from '../bus/own-bus.token.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import type { FleetAgent } from '../fleet/agent/fleet-agent.js';
import { fleetProtocol } from '../fleet/fleet.protocol.js';
import type { Runtime } from '../runtime/runtime.js';
import { OWN_STATE } from '../state/own-state.token.js';
import type { SharedState } from '../state/shared-state.js';

/**
 * Offers this process to its primary as the one that speaks for the host in Redis. The code for it is loaded when the
 * primary chooses this process. A test run is no host of the fleet.
 *
 * @internal
 */
export function joinFleet(
  app: INestApplicationContext,
  { lifecycle, host, drains }: Runtime,
  options: ResolvedClusterOptions,
): void {
  if (!options.redis || !drains) {
    return;
  }
  let loading: Promise<FleetAgent> | undefined;
  const load = async (): Promise<FleetAgent> => {
    const { FleetAgent: Agent } = await import('../fleet/agent/fleet-agent.js');
    const state = app.get<SharedState>(OWN_STATE, STRICT);
    const bus = app.get<ClusterBus>(OWN_BUS, STRICT);
    return new Agent({ state, bus, host, channel, options });
  };
  const withAgent = (use: (agent: FleetAgent) => unknown): void => {
    loading ??= load();
    // It cannot be loaded if the package on disk is replaced. Another worker is chosen then.
    void loading.then(use).catch(() => {});
  };
  const channel = host.channel.open(fleetProtocol, message => {
    if (lifecycle.drainSignal.aborted) {
      return;
    }
    switch (message.type) {
      case 'fleetDuty':
        return withAgent(agent => agent.onDuty(message.facts));
      case 'fleetRest':
        return withAgent(agent => agent.rest());
      case 'fleetQuestion': {
        const { id, ask } = message;
        return withAgent(async agent => {
          const answer = await agent.answer(ask);
          await channel.post({ type: 'fleetAnswered', id, answer });
        });
      }
    }
  });
  lifecycle.whenReady(() => void channel.post({ type: 'fleetCandidate' }));
  const leave = (): void => {
    if (loading) {
      lifecycle.waitUntil(loading.then(agent => agent.leave()).catch(() => {}));
    }
  };
  lifecycle.drainSignal.addEventListener('abort', leave, { once: true });
}

const STRICT = { strict: false } as const;
