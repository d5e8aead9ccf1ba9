import type { RemoteBus, RemoteInbox, RemoteMember } from '../../support/remote-bus.js';

/** A behaviour of the bus with any number of workers. */
export interface Example {
  readonly name: string;
  run(given: Given): Promise<void>;
}

export interface Given {
  readonly bus: RemoteBus;
  /** All workers, by slot. In single mode, the only process. */
  readonly members: readonly RemoteMember[];
  /** A topic that only this example uses. */
  readonly key: string;
}

/**
 * Publishes one more event from each sender, and resolves when each inbox has received all of them. By then, earlier
 * events of these senders on this topic have arrived too, with any duplicates.
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

/** The received payloads, without those of `publishLast()`. */
export async function payloadsOf(inbox: RemoteInbox): Promise<unknown[]> {
  return (await inbox.payloads()).filter(payload => !isLast(payload));
}

export function isLast(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && 'last' in payload;
}

export function unsubscribeAll(inboxes: readonly RemoteInbox[]): Promise<unknown> {
  return Promise.all(inboxes.map(inbox => inbox.unsubscribe()));
}
