import { quoted } from '../system/text/shown.js';
import { backendMessages } from '../model/backend.messages.js';
import type { InvalidPayloadFault } from './bus-fault.interface.js';
import type { BusMember } from './membership/bus-member.interface.js';
import { andOthers } from '../system/log-limiter.js';
import { printable, printableError, printableMessage } from '../system/text/printable.js';

/** Reasons for failed publications, and the log lines of the bus. @internal */
export const busMessages = {
  ...backendMessages,
  handlerFailed: (handler: string, topic: string) =>
    `${printable(handler)} failed to handle "${printable(topic)}"`,
  emissionFailed: (topic: string, why: string, further: number) =>
    `emit() could not publish an event on "${printable(topic)}": ${printableMessage(why)}${andOthers(further)}`,
  schemaTimeout: (milliseconds: number) =>
    `The schema of the topic did not settle within ${milliseconds} ms; the handler was not called.`,
  handlerTimeout: (milliseconds: number) => `The handler did not settle within ${milliseconds} ms.`,
  handlerRetries: (
    handler: string,
    topic: string,
    error: unknown,
    attempt: number,
    retries: number,
    delay: number,
  ) =>
    `${printable(handler)} failed to handle "${printable(topic)}" (attempt ${attempt} of ${retries + 1}), and handles it again in ${delay} ms: ${printableError(error)}`,
  deadLetterFailed: (topic: string, deadLetter: string, error: unknown) =>
    `An event on "${printable(topic)}" could not be published on its deadLetter topic "${printable(deadLetter)}", which is tried again: ${printableError(error)}`,
  gapHandlerFailed: (handler: string, topic: string) =>
    `${printable(handler)} failed to handle a gap on "${printable(topic)}"`,
  invalidPayload: ({ topic, issues, from }: InvalidPayloadFault) =>
    `An event on "${printable(topic)}" from worker ${from.slot} of ${printable(from.host)} does not match the schema of its topic; no handler received it: ${printableMessage(issues.map(({ message }) => message).join('; '))}`,
  gap: (topic: string, missed: number | undefined, reason: string) =>
    `Missed ${missed ?? 'an unknown number of'} events on "${printable(topic)}" (${printable(reason)}). Give the subscription an onGap handler to react to this.`,
  alreadyAnswered: (topic: string, handler: string) =>
    `${printable(handler)} already answers "${printable(topic)}"; a worker can have only one answering handler for each topic.`,
  groupHasMembers: (topic: string, group: string, { host, slot }: BusMember) =>
    `The group "${printable(group)}" of "${printable(topic)}" has a member in worker ${slot} of ${printable(host)}. Its members would read the topic again from the beginning: unsubscribe them before you delete the group.`,
  plainEvent: (group: string, topic: string) =>
    `An event on "${printable(topic)}" was published without durable: true, so the members of the group "${printable(group)}" that have durable: true do not handle it. Publish with durable: true, for example with a topic of defineTopic(). The subscription logs only the first such event.`,
  noGapMethod: (handler: string, method: string) =>
    `${printable(handler)} sets onGap to "${printable(method)}", but its class has no such method.`,
  transientHandler: (handler: string, decorators: string) =>
    `${printable(handler)} (${decorators}) is a method of a transient provider: a new instance handles each event, never an instance that is injected elsewhere. Remove Scope.TRANSIENT, or use Scope.REQUEST if you want a new instance for each event.`,
  lazyHandler: (handler: string, decorators: string, module: string) =>
    `${printable(handler)} (${decorators}) is never called: ${printable(module)} was loaded lazily, after the handlers were registered. Import ${printable(module)} when the application starts, or call ClusterBus.subscribe() or ClusterBus.answer() after loading it.`,
  malformed: (place: string, why: string, dropped: number) =>
    `Ignored a message on ${quoted(place)}: ${printable(why)}. Another program publishes on this channel or has changed the stored data.${dropped > 0 ? ` ${dropped} more were ignored since the last warning.` : ''}`,
  otherVersion: (host: string | undefined, theirs: number, ours: number) =>
    `Host ${quoted(host ?? '(unknown)')} runs a nestjs-cluster with version ${theirs} of the bus protocol; this host has version ${ours}. The hosts ignore each other's messages. Update nestjs-cluster on ${theirs > ours ? 'this host' : 'that host'}.`,
  unreadableMember: () =>
    'The data about this member cannot be read; it may run another version of nestjs-cluster.',
  unreadableEvent: (topic: string) => `the history of ${topic}`,
  largeEvent: (topic: string, why: string) =>
    `Skipped an event of "${printable(topic)}": ${why}, more than one read from Redis may return. It was published with a greater bus.maxPayloadBytes than Redis allows.`,
  stalled: (filter: string, error: unknown) =>
    `The backend refuses a request of a subscription to "${printable(filter)}", which is repeated until it succeeds: ${printableError(error)}`,
  busy: (count: number) =>
    `${count} event subscriptions did not finish in time; closing the application without waiting for them.`,
};
