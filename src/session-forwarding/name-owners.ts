import type { IncomingMessage } from 'node:http';
import type { Engine } from './engine.interface.js';
import { ownedSessionId, type SessionOwner } from './session-owner.js';

/**
 * Lets the ids of the sessions of a server name their owner. Applications may set their own `generateId` later.
 *
 * @param owner resolves when other workers can reach the owner; no client gets the id of a session earlier
 * @internal
 */
export function nameOwners(engine: Engine, owner: () => Promise<SessionOwner>): void {
  let generate = engine.generateId.bind(engine);
  const named = async (request: IncomingMessage): Promise<string> =>
    ownedSessionId(...(await Promise.all([owner(), generate(request)])));
  Object.defineProperty(engine, 'generateId', {
    get: () => named,
    set: (own: Engine['generateId']) => {
      generate = own.bind(engine);
    },
    configurable: true,
    enumerable: true,
  });
}
