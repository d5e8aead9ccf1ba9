import { parseOffset } from '../../../state/offset.js';
import { durableStreamOf, durableEventText } from '../../payload/bus-message.js';
import type { BusHub } from './bus-hub.js';

/** Publishes an event on a topic after the memory backend has stored it. @internal */
export function publishDurable(hub: BusHub, topic: string, offset: string, event: string): void {
  const { epoch, n } = parseOffset(offset);
  const mark = { stream: durableStreamOf(epoch, topic), topic, last: n };
  hub.publish(`topic:${topic}`, durableEventText(offset, event), mark);
}
