/** A handler of a transport: a method with `@MessagePattern()` or `@EventPattern()`, with everything that Nest adds. @internal */
export type MessageHandler = ((...args: unknown[]) => unknown) & { next?: unknown };

/** Sends one response of a handler. */
type Respond = (packet: unknown) => unknown;

/**
 * The part of the transports of `@nestjs/microservices` that is used here. A custom transport may have any of it.
 *
 * @internal
 */
export interface MessageTransport {
  getHandlers?(): Map<unknown, MessageHandler>;
  /** Handles a message as it has arrived. The first argument of TCP is the socket. */
  handleMessage?(...args: unknown[]): unknown;
  /** Subscribes to the stream of a handler, and calls `respond` for each value. */
  send?(stream: unknown, respond: Respond): unknown;
}
