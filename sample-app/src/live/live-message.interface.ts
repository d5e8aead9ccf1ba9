import type { BusMember, WorkerIdentity } from 'nestjs-cluster';
import type { Stock } from '../tickets/stock.js';

/** A change of the tickets, and the worker that made it. */
export type TicketNews =
  | { readonly type: 'sold'; readonly number: number; readonly by: BusMember }
  | { readonly type: 'back'; readonly by: BusMember };

/** A message to a browser: the current state, and the changes since the last message. */
export interface LiveMessage {
  /** The worker that holds the browser's connection. */
  readonly via: WorkerIdentity;
  /** `null` if it is unknown at the moment. */
  readonly stock: Stock | null;
  readonly news: readonly TicketNews[];
}
