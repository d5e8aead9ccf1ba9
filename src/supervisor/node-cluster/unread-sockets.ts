import type { Worker } from 'node:cluster';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { OpenPorts } from './open-ports.js';

/** How often, and at what interval in ms, the channel of a dead worker is checked for its end. */
const LOOKS = 20;
const LOOK_MILLISECONDS = 10;

/** The messages of `node:cluster` that open ports and hand over connections. */
interface ClusterMessage {
  readonly cmd?: unknown;
  readonly act?: unknown;
  readonly key?: unknown;
  readonly seq?: unknown;
  readonly ack?: unknown;
  readonly accepted?: unknown;
  readonly errno?: unknown;
}

interface Closable {
  close(): void;
}

/** A connection that was handed to a worker, and its port. */
interface HandedOver {
  readonly connection: Closable;
  readonly listeners: ReadonlySet<Worker> | undefined;
}

let redelivered = 0;

/** Returns the number of connections so far that were offered to another worker. @internal */
export function redeliveredConnections(): number {
  return redelivered;
}

/**
 * Makes sure that every connection accepted by the primary is taken by a worker, or closed.
 *
 * Under round-robin, the primary keeps a connection until a worker acknowledges it. In two cases Node never releases
 * the connection, and its client waits for ever:
 *
 * - The worker ends before it acknowledges. Nobody has read from such a connection, so another worker can take it.
 *   In Node's protocol a worker can decline a connection, which then goes to the next worker. This function declines
 *   it on behalf of the dead worker.
 * - The worker declines the connection because it no longer listens, and it was the last one: Node queues the
 *   connection on a port that it has closed.
 *
 * In a third case, the worker has no free file descriptor; it then declines the connection itself (`worker/unreceived-connections.ts`).
 *
 * If the messages have an unexpected form, nothing is recorded, and nothing is done.
 *
 * https://github.com/nodejs/node/blob/main/lib/internal/cluster/round_robin_handle.js (`handoff`, `remove`) and
 * https://github.com/nodejs/node/blob/main/lib/internal/cluster/utils.js
 *
 * @param redeliver returns whether other workers get the unacknowledged connections of a dead worker; otherwise they are
 *   closed
 * @internal
 */
export function returnUnreadSockets(
  worker: Worker,
  redeliver: () => boolean,
  ports: OpenPorts,
): void {
  const child = worker.process;
  const unread = new Map<number, HandedOver>();
  type Send = (message: unknown, handle?: unknown, options?: unknown, done?: unknown) => boolean;
  const send = child.send.bind(child) as Send;

  const noteAndSend: Send = (message, handle, options, done) => {
    if ((message as ClusterMessage | null)?.cmd === 'NODE_CLUSTER') {
      note(message as ClusterMessage, handle);
    }
    return send(message, handle, options, done);
  };
  const note = ({ act, key, seq, ack, errno }: ClusterMessage, handle: unknown): void => {
    if (typeof key !== 'string') {
      return;
    }
    if (act === 'newconn' && typeof seq === 'number' && handle) {
      unread.set(seq, { connection: handle as Closable, listeners: ports.listenersOf(key) });
    } else if (ack !== undefined && !errno) {
      // The reply to a worker that wants to listen.
      ports.join(key, worker);
    }
  };
  child.send = noteAndSend;

  // After Node's own listeners, so that they have handled the message.
  child.on('internalMessage', (message: ClusterMessage) => {
    if (message?.act === 'close' && typeof message.key === 'string') {
      ports.leave(message.key, worker);
    }
    if (typeof message?.ack === 'number') {
      const handedOver = unread.get(message.ack);
      unread.delete(message.ack);
      if (message.accepted === false && handedOver?.listeners?.size === 0) {
        handedOver.connection.close();
      }
    }
  });
  child.once('disconnect', () => {
    ports.leaveAll(worker);
    for (const [ack, { listeners }] of unread) {
      // With `accepted`, Node closes its copy of the connection.
      const accepted = !redeliver() || listeners?.size === 0;
      redelivered += accepted ? 0 : 1;
      child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted });
    }
  });
  void endOfChannel(child);
}

/**
 * Emits 'disconnect' if Node does not. The channel of a dead worker ends after all of its messages. But while Node
 * waits for the acknowledgement of a handle, it does not report the end, and continues to hand connections to the
 * dead worker.
 *
 * https://github.com/nodejs/node/blob/main/lib/internal/child_process.js (`disconnect`, `_handleQueue`)
 */
async function endOfChannel(child: Worker['process']): Promise<void> {
  let hasEnded = false;
  child.once('disconnect', () => (hasEnded = true));
  await new Promise<void>(resolve => void child.once('exit', () => resolve()));
  for (let looks = 0; looks < LOOKS && child.connected; looks++) {
    await delay(LOOK_MILLISECONDS, undefined, { ref: false });
  }
  if (child.connected) {
    // A process that the worker has started holds the other end.
    child.disconnect();
  }
  await nextTurn();
  if (!hasEnded) {
    child.emit('disconnect');
  }
}
