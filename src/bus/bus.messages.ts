import { quoted } from '../system/text/shown.js';
import type { InvalidPayloadFault } from './bus-fault.interface.js';
import { printable, printableMessage } from '../system/text/printable.js';

/** Why something was not published, and what is logged of the bus. @internal */
export const busMessages = {
  unreachable: () => 'the backend is not to be reached',
  unanswered: () => 'the backend did not answer in time',
  closed: () => 'the application has closed',
  primaryUnreachable: () => 'the primary did not answer',
  handlerFailed: (handler: string, topic: string) =>
    `${printable(handler)} failed to handle "${printable(topic)}"`,
  gapHandlerFailed: (handler: string, topic: string) =>
    `${printable(handler)} failed to handle a gap of "${printable(topic)}"`,
  invalidPayload: ({ topic, issues, from }: InvalidPayloadFault) =>
    `An event on "${printable(topic)}" from worker ${from.slot} of ${printable(from.host)} does not match the schema of its topic; no handler received it: ${printableMessage(issues.map(({ message }) => message).join('; '))}`,
  gap: (topic: string, missed: number | undefined, reason: string) =>
    `Missed ${missed ?? 'an unknown number of'} events on "${printable(topic)}" (${printable(reason)}). Tell a subscription what to do then: onGap`,
  noTwoAnswers: (topic: string, handler: string) =>
    `"${printable(topic)}" is answered by ${printable(handler)} already: a worker gives one answer.`,
  noGapMethod: (handler: string, method: string) =>
    `${printable(handler)} names "${printable(method)}" as its onGap, but there is no such method.`,
  transientHandler: (handler: string, decorators: string) =>
    `${printable(handler)} (${decorators}) is a method of a transient provider: each event is handled by a new instance, and never by those that are injected elsewhere. Remove Scope.TRANSIENT, or use Scope.REQUEST if a new instance for each event is what you want.`,
  lazyHandler: (handler: string, decorators: string, module: string) =>
    `${printable(handler)} (${decorators}) is never called: ${printable(module)} was loaded lazily, after handlers were looked for. Import ${printable(module)} when the application starts, or call ClusterBus.subscribe() or ClusterBus.answer() after loading it.`,
  malformed: (place: string, why: string, dropped: number) =>
    `Ignored a message on ${quoted(place)}: ${printable(why)}. Something other than nestjs-cluster uses this channel, or has changed what is stored.${dropped > 0 ? ` ${dropped} more were ignored since the last warning.` : ''}`,
  otherVersion: (host: string | undefined, theirs: number, ours: number) =>
    `Host ${quoted(host ?? '(unknown)')} runs a nestjs-cluster with version ${theirs} of the messages of the bus; this host has version ${ours}. They ignore each other's messages. Update nestjs-cluster on ${theirs > ours ? 'this host' : 'that host'}.`,
  stranger: () =>
    'What it tells of itself cannot be read: it may run another version of nestjs-cluster.',
  unreadableEvent: (topic: string) => `the history of ${topic}`,
  busy: (count: number) =>
    `${count} handlers of events are still at work: the application closes without them.`,
};
