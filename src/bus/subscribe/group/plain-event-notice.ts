import { busMessages } from '../../bus.messages.js';
import type { FaultReport } from '../../fault-report.js';
import { groupKey, type GroupMembership } from '../../membership/bus-member.interface.js';
import type { ArrivedEvent } from '../arrived-event.interface.js';

/**
 * Warns, once, of an event that a group on durable topics cannot handle: it is not stored, and no plain member of the group
 * gets it.
 *
 * @internal
 */
export class PlainEventNotice {
  #isLogged = false;

  constructor(
    private readonly place: GroupMembership,
    private readonly report: Pick<FaultReport, 'warn'>,
  ) {}

  onEvent({ topic, to }: ArrivedEvent): void {
    if (to?.[groupKey(this.place)] === undefined && !this.#isLogged) {
      this.#isLogged = true;
      this.report.warn(busMessages.plainEvent(this.place.group, topic));
    }
  }
}
