import type { CommandName } from '../command-table.js';
import { reload, restart, scale, stop } from './changes.js';
import type { HostCommand } from './command.interface.js';
import { doctor } from './doctor.js';
import { events } from './events.js';
import { cpu, heap, inspect, trace } from './inspections.js';
import { jobs } from './jobs.js';
import { logs } from './logs.js';
import { metrics } from './metrics.js';
import { status } from './status.js';
import { top } from './top.js';

/** The commands that need a host. */
const HOST_COMMANDS = {
  status,
  top,
  events,
  logs,
  reload,
  scale,
  restart,
  stop,
  jobs,
  doctor,
  metrics,
  trace,
  cpu,
  heap,
  inspect,
};

/** Returns the command of this name, which needs a host. @internal */
export function commandsOfHost(name: CommandName): HostCommand {
  return HOST_COMMANDS[name as keyof typeof HOST_COMMANDS];
}
