import type { RemoteBus, RemoteInbox, RemoteMember } from '../../support/remote-bus.js';

/** One thing that a bus does for the workers together, however many they are. */
export interface Example {
  readonly name: string;
  run(given: Given): Promise<void>;
}

export interface Given {
  readonly bus: RemoteBus;
  /** All workers, by slot; in single mode the one process. */
  readonly members: readonly RemoteMember[];
  /** A topic that no other example has. */
  readonly key: string;
}

/**
 * Each sender publishes once more, and each inbox has got it: whatever the senders published before on
 * this topic, and however often it was to come, has come by then.
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

/** What came but for the last ones. */
export async function payloadsOf(inbox: RemoteInbox): Promise<unknown[]> {
  return (await inbox.payloads()).filter(payload => !isLast(payload));
}

export function isLast(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && 'last' in payload;
}

export function unsubscribeAll(inboxes: readonly RemoteInbox[]): Promise<unknown> {
  return Promise.all(inboxes.map(inbox => inbox.unsubscribe()));
}
