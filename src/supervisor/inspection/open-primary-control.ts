import type { ControlAnswer, ControlTopic } from '../../control/control.protocol.js';
import type {
  ControlledFleet,
  ControlledHost,
} from '../../control/primary/controlled-host.interface.js';
import {
  type ControlOptions,
  type OpenControl,
  openControl,
} from '../../control/primary/primary-control.js';
import { handleRequest } from '../../control/primary/handle-request.js';
import type { CarryOut } from '../../control/primary/worker-requests.js';
import { outcomeOf } from '../commands/command-outcome.js';
import { controlledFleet } from '../controlled-fleet.js';
import type { FleetService } from '../../fleet/primary/fleet-service.js';
import type { EventHub } from '../event-hub.js';
import type { OutputTap } from '../output/output-tap.js';
import type { Supervisor } from '../supervisor.js';
import { supervisorMessages } from '../supervisor.messages.js';
import { Inspections, type InspectionsDependencies } from './inspections.js';

/** What clients of the control socket can see and change. @internal */
export interface HostControlDependencies {
  readonly supervisor: Supervisor;
  readonly events: Pick<EventHub, 'listen'>;
  readonly outputTap: OutputTap;
  readonly ask: (topic: ControlTopic) => Promise<ControlAnswer | undefined>;
  readonly metrics: () => Promise<string | undefined>;
  readonly inspections: InspectionsDependencies;
  /** Knows the other hosts, if there is Redis. */
  readonly fleet?: FleetService | undefined;
}

/** This host, for clients of its control socket and for its own workers. @internal */
export interface PrimaryControl {
  /**
   * Opens the control socket.
   *
   * @param onError called if the server fails later
   * @throws NoControlSocketError
   */
  open(options: ControlOptions, onError: (error: Error) => void): Promise<OpenControl>;
  /** Carries out a request of a worker. */
  readonly carryOut: CarryOut;
}

/** Returns what can be requested of this host, with what looks into its workers. @internal */
export function primaryControl(deps: HostControlDependencies): PrimaryControl {
  const inspections = new Inspections(deps.inspections);
  const fleet = deps.fleet && controlledFleet(deps.fleet);
  const host = controlledHost(deps, (...args) => inspections.run(...args), fleet);
  return {
    open: (options, onError) => openControl(host, options, onError),
    carryOut: (name, params, signal, caller) =>
      handleRequest(name, params, { host, signal, caller, item: () => {}, stopped: NEVER }),
  };
}

/** Workers do not wait for a stop: they are stopped themselves. */
const NEVER = new Promise<never>(() => {});

/** Returns the host as its control socket sees it. @internal */
export function controlledHost(
  {
    supervisor,
    events,
    outputTap,
    ask,
    metrics,
  }: Omit<HostControlDependencies, 'inspections' | 'fleet'>,
  inspect: ControlledHost['inspect'],
  fleet?: ControlledFleet,
): ControlledHost {
  const { reloads, restarting, scaling } = supervisor.commands;
  return {
    status: () => supervisor.status(),
    reload: () => outcomeOf(reloads.ask()),
    scale: wanted => outcomeOf(scaling.to(wanted)),
    restart: (slot, caller) => outcomeOf(restarting.of(slot, caller)),
    stop: () => supervisor.stop('SIGTERM', supervisorMessages.stopRequested()),
    onEvent: listener => events.listen(listener),
    onOutput: listener => outputTap.listen(listener),
    tails: () =>
      supervisor.workers.flatMap(({ slot, pid, outputTails }) =>
        (['stdout', 'stderr'] as const).flatMap(stream => {
          const text = outputTails[stream];
          return text === undefined || text === '' ? [] : [{ slot, pid, stream, text }];
        }),
      ),
    get streams() {
      const [worker] = supervisor.workers;
      const tails = worker?.outputTails ?? {};
      return (['stdout', 'stderr'] as const).filter(stream => tails[stream] !== undefined);
    },
    ask,
    metrics,
    inspect,
    fleet,
  };
}
