import type { ClusterEvent } from '../../model/events/cluster-event.interface.js';
import { EXIT } from '../exit-codes.js';
import { jsonText } from '../output/json-text.js';
import { eventText } from '../output/event-text.js';
import type { HostCommand } from './command.interface.js';
import { checked, VALUES } from './values.js';

/** `nestjs-cluster events` @internal */
export const events: HostCommand = async (client, { json }, io) => {
  await client.request('events', {}, value => {
    const event = checked(VALUES.event, value) as ClusterEvent;
    io.print(`${json ? jsonText(value) : eventText(event)}\n`);
  });
  return EXIT.done;
};
