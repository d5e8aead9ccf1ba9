import type { SupervisorDependencies } from '../supervisor-dependencies.js';
import type { Workers } from '../workers/create-workers.js';
import type { Generation } from '../workers/generation.js';
import type { CommandQueue } from './command-queue.js';
import { Recycling } from './recycling.js';
import { ReloadQueue } from './reload-queue.js';
import { Restarting } from './restarting.js';
import { Scaling } from './scaling.js';

/** @internal */
export interface CreateCommandsDependencies
  extends SupervisorDependencies, Pick<Workers, 'workforce' | 'spares' | 'dismissal'> {
  readonly commands: CommandQueue;
  readonly generation: Generation;
}

/** The operations that change which workers run. @internal */
export interface Commands {
  readonly reloads: ReloadQueue;
  readonly scaling: Scaling;
  readonly recycling: Recycling;
  readonly restarting: Restarting;
}

/** @internal */
export function createCommands(deps: CreateCommandsDependencies): Commands {
  const { options, events, services, workforce, spares, dismissal } = deps;
  return {
    reloads: new ReloadQueue({
      ...deps,
      options: options.reload,
      dismiss: dismissal.for('reload'),
      publish: event => events.publish(event),
      onEnd: () => spares.renew(),
    }),
    scaling: new Scaling({
      ...deps,
      fill: slot => spares.promote(slot, 0) ?? workforce.fill(slot),
      dismiss: dismissal.for('scale'),
      onSlotClosed: slot => services.onSlotClosed(slot),
    }),
    recycling: new Recycling({
      ...deps,
      options: options.recycle,
      dismiss: dismissal.for('recycle'),
    }),
    restarting: new Restarting({ ...deps, dismiss: dismissal.for('recycle') }),
  };
}
