import type { RolloutStep, UnknownFleetHost } from '../../model/fleet-status.interface.js';
import { printable } from '../../system/text/printable.js';

const named = (hosts: readonly UnknownFleetHost[]): string =>
  hosts
    .map(({ id, name, pid, version }) =>
      name === undefined
        ? printable(id)
        : `${printable(name)} (pid ${pid ?? '?'}, nestjs-cluster ${printable(version ?? '?')})`,
    )
    .join(', ');

/** Texts about the hosts of the namespace. @internal */
export const fleetTexts = {
  unknownHosts: (hosts: readonly UnknownFleetHost[]) =>
    `The records of these hosts are of another version, so they cannot be reloaded from here: ${named(hosts)}. ` +
    'No host was reloaded. Run the command on a host with the newest version',
  busy: (steps: readonly RolloutStep[]) => {
    const done = steps.filter(({ state }) => state === 'reloaded').length;
    return steps.length === 0
      ? 'Another reload of all hosts is running. No host was reloaded. Try again when it has ended'
      : `Another reload of all hosts has begun, so this one has stopped after ${done} of ${steps.length} hosts`;
  },
  noWorker: () =>
    'No worker of this host answers for the fleet: none is ready, or their event loops are blocked',
};
