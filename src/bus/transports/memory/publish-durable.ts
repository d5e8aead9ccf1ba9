import { parsePosition } from '../../../state/offset.js';
import { keptStreamOf, keptText } from '../../payload/bus-message.js';
import type { BusHub } from './bus-hub.js';

/** Says on a topic that the memory has kept an event. @internal */
export function publishKept(hub: BusHub, topic: string, position: string, event: string): void {
  const { epoch, n } = parsePosition(position);
  const mark = { stream: keptStreamOf(epoch, topic), topic, last: n };
  hub.publish(`topic:${topic}`, keptText(position, event), mark);
}
