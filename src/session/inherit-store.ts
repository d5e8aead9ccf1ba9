import { findPeer } from '../system/find-peer.js';

/** The part of express-session that is used here. */
interface ExpressSession {
  readonly Store?: { readonly prototype: object };
}

/**
 * Has a class inherit from `Store` of express-session, which creates and loads sessions. It is loaded when the first store
 * is created, because `@fastify/session` works without it.
 *
 * @internal
 */
export function inheritStore(prototype: object): void {
  let store: object | undefined;
  try {
    const peer = findPeer(load => load('express-session') as ExpressSession);
    store = peer?.Store?.prototype;
  } catch {
    // It is not installed.
  }
  if (store && !Object.prototype.isPrototypeOf.call(store, prototype)) {
    Object.setPrototypeOf(prototype, store);
  }
}
