import type { RemoteBus, RemoteInbox, RemoteMember } from '../../support/remote-bus.js';

/** A behaviour of the bus with any number of workers. */
export interface Example {
  readonly name: string;
  run(given: Given): Promise<void>;
}

export interface Given {
  readonly bus: RemoteBus;
  /** All workers, by slot; in single mode, the one process. */
  readonly members: readonly RemoteMember[];
  /** A topic of this example only. */
  readonly key: string;
}

/**
 * Each sender publishes one more event, and each inbox has received them. Earlier events of the senders on this
 * topic, and their duplicates, have then arrived too.
 */
export async function publishLast(
  senders: readonly RemoteMember[],
  topic: string,
  inboxes: readonly RemoteInbox[],
): Promise<void> {
  await Promise.all(senders.map(sender => sender.publish(topic, { last: sender.pid })));
  await Promise.all(
    inboxes.map(inbox =>
      inbox.untilArrivals(
        arrivals => arrivals.filter(({ payload }) => isLast(payload)).length >= senders.length,
      ),
    ),
  );
}

/** The events without these last ones. */
export async function payloadsOf(inbox: RemoteInbox): Promise<unknown[]> {
  return (await inbox.payloads()).filter(payload => !isLast(payload));
}

export function isLast(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && 'last' in payload;
}

export function unsubscribeAll(inboxes: readonly RemoteInbox[]): Promise<unknown> {
  return Promise.all(inboxes.map(inbox => inbox.unsubscribe()));
}
