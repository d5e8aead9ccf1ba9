import cluster, { type Worker } from 'node:cluster';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** How `node:cluster` hands a connection over, and how its worker says that it has it. */
interface ClusterMessage {
  readonly cmd?: unknown;
  readonly act?: unknown;
  readonly seq?: unknown;
  readonly ack?: unknown;
}

interface Closable {
  close(): void;
}

/**
 * Gives connections that a killed worker had not taken yet to another worker.
 *
 * Under round-robin, the primary keeps a connection until the worker acknowledges it. A worker that is
 * killed never does: Node then waits for ever, and so does the client. An unacknowledged
 * connection is an unread one, so that another worker can have it. Node has an answer by which a worker
 * declines a connection, upon which it goes to the next; given in the name of the dead, it does just
 * that. Where the messages do not look as expected, nothing is noted, and nothing is done.
 *
 * https://github.com/nodejs/node/blob/main/lib/internal/cluster/round_robin_handle.js (`handoff`) and
 * https://github.com/nodejs/node/blob/main/lib/internal/cluster/utils.js
 *
 * @internal
 */
export function returnUnreadSockets(worker: Worker): void {
  const child = worker.process;
  const unread = new Map<number, Closable>();
  type Send = (message: unknown, ...rest: unknown[]) => boolean;
  const send = child.send.bind(child) as Send;

  const noteAndSend: Send = (message, handle, ...rest) => {
    const { cmd, act, seq } = (message ?? {}) as ClusterMessage;
    if (cmd === 'NODE_CLUSTER' && act === 'newconn' && typeof seq === 'number' && handle) {
      unread.set(seq, handle as Closable);
    }
    return send(message, handle, ...rest);
  };
  child.send = noteAndSend;
  child.on('internalMessage', (message: ClusterMessage) => {
    if (typeof message?.ack === 'number') {
      unread.delete(message.ack);
    }
    noteServers(worker, message);
  });
  child.once('exit', () => void giveBack());

  async function giveBack(): Promise<void> {
    // What the worker said last may still be on its way: two turns of the event loop read it.
    await nextTurn();
    await nextTurn();
    if (child.connected) {
      // Without this, Node may go on to hand connections to the dead.
      child.disconnect();
    }
    await nextTurn();
    for (const [ack, handle] of unread) {
      if (someoneElseListens(worker)) {
        child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted: false });
      } else {
        handle.close();
      }
    }
    unread.clear();
  }
}

function someoneElseListens(worker: Worker): boolean {
  return Object.values(cluster.workers ?? {}).some(
    other => other && other !== worker && other.isConnected() && (listening.get(other) ?? 0) > 0,
  );
}

/** On how many servers each worker listens: one may have closed its servers, and live on. */
const listening = new WeakMap<Worker, number>();

function noteServers(worker: Worker, message: ClusterMessage): void {
  const change = message?.act === 'listening' ? 1 : message?.act === 'close' ? -1 : 0;
  listening.set(worker, (listening.get(worker) ?? 0) + change);
}
