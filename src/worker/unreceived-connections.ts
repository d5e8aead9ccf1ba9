import type { Logger } from '@nestjs/common';
import { workerMessages } from '../runtime/runtime.messages.js';
import { type Clock, systemClock } from '../system/time/clock.js';

/**
 * Milliseconds until a connection that could not be received is declined. Without this pause, connections would circulate
 * without end while no worker has a free descriptor.
 */
const PAUSE = 100;

/** Milliseconds without such a connection after which a shortage has ended. */
const END_OF_SHORTAGE = 60_000;

/** A message that Node has sent together with a handle. */
interface HandleMessage {
  readonly cmd?: unknown;
  /** The message itself. */
  readonly msg?: { readonly cmd?: unknown; readonly act?: unknown; readonly seq?: unknown };
}

/** The channel to the primary: `process`, in a worker. */
interface Link {
  readonly connected: boolean;
  on(
    event: 'internalMessage',
    listener: (message: HandleMessage, handle: unknown) => void,
  ): unknown;
  send?(message: object, handle: undefined, options: object, sent: () => void): unknown;
}

/**
 * Declines the connections that this worker cannot receive because it has no free file descriptor. Another worker then gets
 * them, or this one when it has descriptors again.
 *
 * The system discards a descriptor that it cannot install in the receiver. Node reports that to the primary
 * (`NODE_HANDLE_NACK`), but `node:cluster` continues to wait for the answer of the worker. It would never close the
 * connection, and never hand another one to this worker.
 *
 * The primary hands over no other connection of the same port before it has the answer. So the pause before the answer limits
 * how often this worker is tried.
 *
 * If the messages have an unexpected form, nothing is done.
 *
 * https://github.com/nodejs/node/blob/main/lib/internal/child_process.js (`NODE_HANDLE`) and
 * https://github.com/nodejs/node/blob/main/lib/internal/cluster/round_robin_handle.js (`handoff`)
 *
 * @internal
 */
export function declineUnreceivedConnections(
  logger: Pick<Logger, 'warn'>,
  link: Link = process,
  clock: Pick<Clock, 'now' | 'after'> = systemClock,
): void {
  let lastAt = -Infinity;
  link.on('internalMessage', ({ cmd, msg }, handle) => {
    if (cmd !== 'NODE_HANDLE' || handle) {
      return;
    }
    const now = clock.now();
    if (now - lastAt > END_OF_SHORTAGE) {
      logger.warn(workerMessages.noDescriptor());
    }
    lastAt = now;
    if (msg?.cmd === 'NODE_CLUSTER' && msg.act === 'newconn') {
      const answer = { cmd: 'NODE_CLUSTER', ack: msg.seq, accepted: false };
      clock.after(PAUSE, () => {
        // Otherwise the primary treats the connection as one of a dead worker.
        if (link.connected) {
          link.send?.(answer, undefined, {}, () => {});
        }
      });
    }
  });
}
