import { ControlError } from '../control/control-error.js';
import type { ControlledFleet } from '../control/primary/controlled-host.interface.js';
import { FleetControl } from '../fleet/primary/fleet-control.js';
import { FleetError } from '../fleet/primary/fleet.error.js';
import type { FleetService } from '../fleet/primary/fleet-service.js';
import { systemClock } from '../system/time/clock.js';

const CODES = {
  busy: 'CONTROL_FLEET_BUSY',
  noWorker: 'CONTROL_NO_WORKER',
  failed: 'CONTROL_FAILED',
} as const;

/** Returns the hosts of the namespace as the control socket of this one sees them. @internal */
export function controlledFleet(service: FleetService): ControlledFleet {
  const fleet = new FleetControl(service, systemClock);
  return {
    status: () => fleet.status().catch(refuse),
    reload: (maxUnavailable, onProgress) => fleet.reload(maxUnavailable, onProgress).catch(refuse),
  };
}

function refuse(error: unknown): never {
  throw error instanceof FleetError ? new ControlError(CODES[error.reason], error.message) : error;
}
