import type { ListeningAddress } from '../model/host-status.interface.js';
import { addressShape } from '../model/events/lifecycle.shapes.js';
import { integer, literal, text } from '../validation/shape/scalars.js';
import { object, tagged } from '../validation/shape/structures.js';

/** The key that identifies a connection of this package on the channel. */
const KEY = 'nestjs-cluster/connection';

/** What stands for a connection in the message of an end that delivers those for it from now on. */
const READY = 'ready';

/**
 * Connections that may wait to be sent over a channel. Node sends one in each turn of the receiver's event loop, and
 * everything that follows waits: heartbeats, state and the bus. With turns of 60 ms, it waits for 0.5 s.
 */
const MAX_UNSENT = 8;

/** Milliseconds between two checks whether the channel of a connection that waits has ended. */
const CHECK_INTERVAL = 100;

/** A connection for any process that listens on an address. @internal */
export interface ConnectionToAddress {
  readonly to: 'address';
  readonly address: ListeningAddress;
}

/** A connection for one worker. @internal */
export interface ConnectionToWorker {
  readonly to: 'worker';
  readonly worker: number;
  /** What its new worker must know. Only the two workers read it. */
  readonly text: string;
}

/** Who gets a connection. @internal */
export type ConnectionTarget = ConnectionToAddress | ConnectionToWorker;

const targetShape = tagged<'to', ConnectionTarget>('to', {
  address: object<ConnectionToAddress>({ to: literal('address'), address: addressShape }),
  worker: object<ConnectionToWorker>({
    to: literal('worker'),
    worker: integer({ min: 1 }),
    text: text(),
  }),
});

/** One end of a channel, as the users of this module know it. @internal */
export interface ConnectionLink {
  readonly connected: boolean;
  on(event: 'disconnect', listener: () => void): unknown;
}

/** The end that sends: `process` or a child process, which also send handles. */
interface SendingLink extends ConnectionLink {
  /** Node's channel; missing when it has ended. */
  readonly channel?: unknown;
  emit?(event: 'disconnect'): unknown;
  send?(
    message: object,
    handle: object | undefined,
    options: object,
    written: (error?: Error | null) => void,
  ): unknown;
}

/** The end that receives. */
interface ReceivingLink {
  on(event: 'message', listener: (message: unknown, handle: unknown) => void): unknown;
}

/** The part of Node's handle of a connection that is used here. @internal */
export interface Closable {
  close(): void;
}

/** From links to what ends the waiting of each connection that is not sent yet. */
const unsent = new WeakMap<ConnectionLink, Set<() => void>>();

/** Links whose other end is ready. */
const ready = new WeakSet<object>();

/**
 * Sends an open connection. Handles cannot be part of an envelope, so it is a message of its own. Node keeps the order of
 * both.
 *
 * @param target who gets it
 * @param handle Node's handle of the connection; the other end gets a copy
 * @returns whether it was sent. Otherwise the channel is closed, or the system has refused to send it, for example
 *   because too many descriptors are on their way. It never rejects
 * @internal
 */
export function sendConnection(
  link: ConnectionLink,
  target: ConnectionTarget,
  handle: object,
): Promise<boolean> {
  const sender: SendingLink = link;
  if (!link.connected || !sender.send) {
    return Promise.resolve(false);
  }
  return new Promise(resolve => {
    const waiting = unsentOn(link);
    const timer = setInterval(() => reportEnd(sender), CHECK_INTERVAL).unref();
    const settle = (isSent: boolean): void => {
      clearInterval(timer);
      waiting.delete(giveUp);
      resolve(isSent);
    };
    const giveUp = (): void => settle(false);
    waiting.add(giveUp);
    try {
      sender.send?.({ [KEY]: target }, handle, {}, error => settle(!error));
    } catch {
      // Node cannot send handles of this kind.
      giveUp();
    }
  });
}

/**
 * Emits 'disconnect' if the channel has ended: Node does not, as long as it waits for the acknowledgement of a connection.
 *
 * https://github.com/nodejs/node/blob/main/lib/internal/child_process.js (`disconnect`, `_handleQueue`)
 */
function reportEnd(link: SendingLink): void {
  // A channel that is closed on purpose exists until everything is sent.
  if (!link.connected && !link.channel) {
    link.emit?.('disconnect');
  }
}

/** Whether a connection can be sent without a long wait for what follows. @internal */
export function hasRoom(link: ConnectionLink): boolean {
  return link.connected && unsentOn(link).size < MAX_UNSENT;
}

/** When a channel ends, Node forgets what waits for the acknowledgement of an earlier connection. */
function unsentOn(link: ConnectionLink): Set<() => void> {
  const known = unsent.get(link);
  if (known) {
    return known;
  }
  const waiting = new Set<() => void>();
  unsent.set(link, waiting);
  link.on('disconnect', () => waiting.forEach(giveUp => giveUp()));
  return waiting;
}

/** Tells the other end that this one receives connections. Without a listener, they would never be closed. @internal */
export function announceReady(link: ConnectionLink): void {
  const sender: SendingLink = link;
  sender.send?.({ [KEY]: READY }, undefined, {}, () => {});
}

/** Whether the other end has announced that it receives connections. @internal */
export function isReady(link: ConnectionLink): boolean {
  return ready.has(link);
}

/**
 * Receives the connections that the other end sends. A connection that cannot be delivered is closed.
 *
 * @param deliver returns whether the connection was delivered
 * @internal
 */
export function receiveConnections(
  link: ReceivingLink,
  deliver: (target: ConnectionTarget, handle: Closable) => boolean,
): void {
  link.on('message', (message, handle) => {
    if (typeof message !== 'object' || message === null || !Object.hasOwn(message, KEY)) {
      return;
    }
    const target = (message as { readonly [KEY]: unknown })[KEY];
    if (target === READY) {
      ready.add(link);
    } else if (
      isClosable(handle) &&
      (targetShape(target) || !deliver(target as ConnectionTarget, handle))
    ) {
      handle.close();
    }
  });
}

function isClosable(handle: unknown): handle is Closable {
  return typeof handle === 'object' && handle !== null && 'close' in handle;
}
