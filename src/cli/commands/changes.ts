import type { ControlRequestName, ControlRequests } from '../../control/control-messages.js';
import type { ClusterEvent } from '../../model/events/cluster-event.interface.js';
import { cliMessages } from '../cli.messages.js';
import { EXIT } from '../exit-codes.js';
import type { ControlClient } from '../host/control-client.js';
import { jsonText } from '../output/json-text.js';
import type { Io } from '../io.interface.js';
import { subject, what } from '../output/event-text.js';
import { duration } from '../output/format.js';
import { UsageError } from '../usage.error.js';
import type { HostCommand } from './command.interface.js';
import { reloadAll } from './fleet.js';
import { checked, VALUES } from './values.js';
import { wholeNumber } from './whole-number.js';

/** The events that show how a change goes on. */
const PROGRESS: ReadonlySet<ClusterEvent['type']> = new Set([
  'workerForked',
  'workerReady',
  'workerDraining',
  'workerExited',
] as const);

/** `nestjs-cluster reload [--all]` @internal */
export const reload: HostCommand = async (client, input, io) => {
  const { json, options } = input;
  if (options['all'] === true) {
    return reloadAll(client, input, io);
  }
  if (options['max-unavailable'] !== undefined) {
    throw new UsageError(cliMessages.onlyWithAll('--max-unavailable'));
  }
  const value = checked(VALUES.reload, await change(client, 'reload', {}, json, io));
  const { generation, duration: time } = value;
  show(io, json, value, `Reloaded to generation ${generation} in ${duration(time)}.`);
  return EXIT.done;
};

/** `nestjs-cluster scale <n|+n|-n>` @internal */
export const scale: HostCommand = async (client, { args: [wanted = ''], json }, io) => {
  const params = wantedWorkers(wanted);
  const value = checked(VALUES.scale, await change(client, 'scale', params, json, io));
  show(io, json, value, `The number of workers is ${value.workers}.`);
  return EXIT.done;
};

/** `nestjs-cluster restart <slot>` @internal */
export const restart: HostCommand = async (client, { args: [slot = ''], json }, io) => {
  const params = { slot: wholeNumber('<slot>', slot) };
  const value = checked(VALUES.restart, await change(client, 'restart', params, json, io));
  const text = `Restarted the worker in slot ${value.slot} in ${duration(value.duration)}: its process id is ${value.pid}.`;
  show(io, json, value, text);
  return EXIT.done;
};

/** `nestjs-cluster stop` @internal */
export const stop: HostCommand = async (client, { json }, io) => {
  const value = checked(VALUES.stop, await change(client, 'stop', {}, json, io));
  const { exitCode } = value;
  show(io, json, value, `Stopped: the host exits with code ${exitCode}.`);
  return exitCode === 0 ? EXIT.done : EXIT.failed;
};

/** Returns the parameters of `scale`: a number, or a difference with its sign. @internal */
export function wantedWorkers(text: string): ControlRequests['scale'] {
  const [, sign = '', digits = ''] = /^([+-]?)(\d{1,9})$/.exec(text) ?? [];
  if (digits === '') {
    throw new UsageError(cliMessages.notANumber('<n|+n|-n>', text));
  }
  const number = Number(digits);
  return sign === '' ? { workers: number } : { by: sign === '-' ? -number : number };
}

/** Requests a change, and shows how it goes on. */
async function change<Name extends ControlRequestName>(
  client: ControlClient,
  name: Name,
  params: ControlRequests[Name],
  json: boolean,
  io: Io,
): Promise<unknown> {
  if (!json) {
    watch(client, event => io.note(`${subject(event)} ${what(event)}\n`));
  }
  return client.request(name, params);
}

/** Calls `onEvent` with the progress, until the connection closes. */
function watch(client: ControlClient, onEvent: (event: ClusterEvent) => void): void {
  client
    .request('events', {}, value => {
      const event = checked(VALUES.event, value) as ClusterEvent;
      if (PROGRESS.has(event.type)) {
        onEvent(event);
      }
    })
    // The change itself tells what is wrong.
    .catch(() => {});
}

function show(io: Io, json: boolean, value: object, text: string): void {
  io.print(`${json ? jsonText(value) : text}\n`);
}
