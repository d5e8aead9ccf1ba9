import { Server } from 'node:net';

/**
 * Calls `action` whenever a TCP or pipe server of this process is about to listen. Servers have no event for it.
 *
 * @internal
 */
export function beforeListen(
  action: (server: Server) => void,
  prototype: Pick<Server, 'listen'> = Server.prototype,
): void {
  takeListen(server => {
    action(server);
    return false;
  }, prototype);
}

/**
 * Calls `take` whenever a TCP or pipe server of this process is about to listen, with the arguments of `listen()`.
 *
 * @param take returns whether the server listens otherwise
 * @internal
 */
export function takeListen(
  take: (server: Server, args: readonly unknown[]) => boolean,
  prototype: Pick<Server, 'listen'> = Server.prototype,
): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with the server as `this` below
  const { listen } = prototype;
  prototype.listen = function (this: Server, ...args: unknown[]) {
    return take(this, args) ? this : listen.apply(this, args as Parameters<Server['listen']>);
  } as Server['listen'];
}
