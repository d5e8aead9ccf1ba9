import type { ClusterEvent } from '../../model/events/cluster-event.interface.js';
import { foreignEventShape } from '../../model/events/lifecycle.shapes.js';
import { NO_SLOT } from '../../model/host-status.interface.js';
import { printable, printableMessage } from '../../system/text/printable.js';
import { duration, timeOfDay } from './format.js';

type Texts = {
  readonly [Event in ClusterEvent as Event['type']]: (event: Event) => string;
};

const TEXTS: Texts = {
  workerForked: () => 'was forked',
  workerOnline: () => 'runs Node',
  workerStandby: ({ bootTime }) => `is on standby after ${duration(bootTime)}`,
  workerListening: ({ address: { address, port } }) =>
    `listens on ${printable(port === null ? String(address) : `${address ?? '*'}:${port}`)}`,
  workerReady: ({ bootTime }) => `is ready after ${duration(bootTime)}`,
  workerDraining: ({ cause }) => `drains (${cause})`,
  workerOutputPaused: ({ stream }) => `may wait: its ${stream} is not read`,
  workerOutputResumed: ({ stream, duration: time }) =>
    `goes on: its ${stream} was not read for ${duration(time)}`,
  workerDisconnected: () => 'has closed its channel',
  workerExited: ({ reason, code, signal, uptime }) =>
    `has exited (${reason}) ${signal ? `by ${signal}` : `with code ${code}`} after ${duration(uptime)}`,
  reloadStarted: ({ generation }) => `reloads to generation ${generation}`,
  reloadFinished: ({ outcome, duration: time, error }) =>
    `has ended its reload after ${duration(time)}: ${outcome}${error === undefined ? '' : `. ${printableMessage(error)}`}`,
};

/** Returns an event as a line: its time, the worker or host, and what happened. @internal */
export function eventText(event: ClusterEvent): string {
  return `${timeOfDay(event.at)}  ${subject(event)} ${what(event)}`;
}

/** Returns what happened, as the rest of a sentence. @internal */
export function what(event: ClusterEvent): string {
  const text = TEXTS[event.type] as ((event: ClusterEvent) => string) | undefined;
  // A newer host may have further events, and other properties.
  const isKnown = text !== undefined && !foreignEventShape(event);
  return printableMessage(isKnown ? text(event) : `${event.type} ${JSON.stringify(event)}`);
}

/** Returns the worker or host of an event. @internal */
export function subject(event: ClusterEvent): string {
  if (!('slot' in event)) {
    return 'The host';
  }
  const name = event.slot === NO_SLOT ? 'Spare' : `Worker ${event.slot}`;
  return printable(`${name} (generation ${event.generation}, pid ${event.pid})`);
}
