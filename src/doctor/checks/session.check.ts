import { doctorMessages } from '../doctor.messages.js';
import type { Finding } from '../finding.interface.js';
import { classNames } from '../inventory.js';

/**
 * Returns a finding if the sessions of a request are in memory.
 *
 * @param request a request that the middleware of express-session has handled
 * @internal
 */
export function examineSession(request: object): Finding | undefined {
  const { sessionStore } = request as { readonly sessionStore?: unknown };
  return classNames(sessionStore).includes('MemoryStore') ? doctorMessages.session() : undefined;
}
