import { parsePosition } from '../../state/position.js';
import type { Channel, Mark } from '../bus-transport.interface.js';

/** What is said on a topic when an event has been kept: the same that the script says in Redis. @internal */
export function keptText(
  topic: string,
  position: string,
  event: string,
): { readonly channel: Channel; readonly text: string; readonly mark: Mark } {
  const { epoch, n } = parsePosition(position);
  return {
    channel: `topic:${topic}`,
    text: `{"kept":"${position}","event":${event}}`,
    mark: { stream: `kept.${epoch}.${topic}`, topic, last: n },
  };
}
