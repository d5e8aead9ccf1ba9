import type { Worker } from 'node:cluster';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { OpenPorts } from './open-ports.js';

/** How often, and after how many milliseconds, it is looked whether the channel of a dead worker has ended. */
const LOOKS = 20;
const LOOK_MILLISECONDS = 10;

/** The messages of `node:cluster` by which ports are opened and connections handed over. */
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

/** A connection that was handed to a worker, and on which port it came. */
interface HandedOver {
  readonly connection: Closable;
  readonly listeners: ReadonlySet<Worker> | undefined;
}

/**
 * Sees to it that every connection that the primary has accepted is taken by a worker, or closed.
 *
 * Under round-robin, the primary keeps a connection until a worker acknowledges it. There are two cases
 * in which Node leaves it, and its client, to wait for ever:
 *
 * - The worker ends before it acknowledges. Nobody has read from such a connection, so another worker can
 *   have it. Node has an answer by which a worker declines a connection, upon which it goes to the next
 *   one; given in the name of the dead, it does just that.
 * - The worker declines it because it no longer listens, and was the last one: Node queues the connection on
 *   a port that it has closed.
 *
 * Where the messages do not look as expected, nothing is noted, and nothing is done.
 *
 * https://github.com/nodejs/node/blob/main/lib/internal/cluster/round_robin_handle.js (`handoff`, `remove`)
 * and https://github.com/nodejs/node/blob/main/lib/internal/cluster/utils.js
 *
 * @param redeliver whether other workers get what a dead one has not acknowledged; otherwise it is closed
 * @internal
 */
export function returnUnreadSockets(worker: Worker, redeliver: boolean, ports: OpenPorts): void {
  const child = worker.process;
  const unread = new Map<number, HandedOver>();
  type Send = (message: unknown, ...rest: unknown[]) => boolean;
  const send = child.send.bind(child) as Send;

  const noteAndSend: Send = (message, handle, ...rest) => {
    const { cmd, act, key, seq, ack, errno } = (message ?? {}) as ClusterMessage;
    if (cmd === 'NODE_CLUSTER' && typeof key === 'string') {
      if (act === 'newconn' && typeof seq === 'number' && handle) {
        unread.set(seq, { connection: handle as Closable, listeners: ports.listenersOf(key) });
      } else if (ack !== undefined && !errno) {
        // The answer to a worker that wants to listen.
        ports.join(key, worker);
      }
    }
    return send(message, handle, ...rest);
  };
  child.send = noteAndSend;

  // After Node's own listeners: what they do upon such a message is done by then.
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
      // Node closes what was accepted, as the worker has its own copy then.
      const accepted = !redeliver || listeners?.size === 0;
      child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted });
    }
  });
  void endOfChannel(child);
}

/**
 * Emits 'disconnect' where Node does not. The channel of a dead worker ends after all that the worker has
 * said; but as long as Node waits for the acknowledgement of a handle, it keeps that end to itself, and
 * goes on to hand connections to the dead.
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
    // Something that the worker has started holds the other end.
    child.disconnect();
  }
  await nextTurn();
  if (!hasEnded) {
    child.emit('disconnect');
  }
}
