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
  // oxlint-disable-next-line typescript/unbound-method -- called with the server as `this` below
  const { listen } = prototype;
  prototype.listen = function (this: Server, ...args: unknown[]) {
    action(this);
    return listen.apply(this, args as Parameters<Server['listen']>);
  } as Server['listen'];
}
