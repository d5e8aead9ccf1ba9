import { NO_SLOT } from '../model/host-status.interface.js';

/** Makes this process the worker of a slot: when it is forked, and when a spare is promoted. @internal */
export function takeSlot(slot: number): void {
  process.title = slot === NO_SLOT ? 'nest spare' : `nest worker ${slot}`;
  process.env['CLUSTER_SLOT'] = String(slot);
  process.env['NODE_APP_INSTANCE'] = String(slot);
}
